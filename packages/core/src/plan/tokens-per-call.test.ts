import { expect, it } from "vitest";

import type { Profile, ScoreCall } from "../contract.ts";
import { createDheera } from "../dheera.ts";
import { DheeraError } from "../errors.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";

const documents = Array.from({ length: 60 }, (_, index) => `${index} `.repeat(50));

/** A server that counts one token for each number and for each word of the query, and takes so many in one call. */
function counting(most: number, profile: Partial<Profile> = {}) {
  const tokensOf = ({ query, documents: texts }: ScoreCall): number =>
    texts.reduce((total, text) => total + query.split(" ").length + text.trim().split(" ").length, 0);
  const accepted: number[] = [];
  let refusals = 0;
  const provider = scriptedProvider(
    (call) => {
      if (tokensOf(call) > most) {
        refusals++;
        throw new DheeraError("provider_rejected", "too many tokens", { learned: { tokensPerCall: most } });
      }
      accepted.push(call.documents.length);
      return scoreAll(call);
    },
    { ...pointwise, billing: "per-token", ...profile },
  );
  return { provider, accepted, refusals: () => refusals };
}

const request = { model: "m", query: "which of these?", documents };
const entry = { model_name: "m", dheera_ai_params: { model: "scripted/m" } };

it("a limit that is known is obeyed before the server refuses", async () => {
  const server = counting(500, { limits: { tokensPerCall: 500 } });
  const { results } = await createDheera({ providers: [server.provider], model_list: [entry] }).rerank(request);
  expect(results).toHaveLength(60);
  expect(server.refusals()).toBe(0);
  expect(Math.max(...server.accepted)).toBeGreaterThan(1);
});

it("a limit of the configuration counts, and one that a refusal taught is planned by at once and from then on", async () => {
  const configured = counting(500);
  const model_list = [{ ...entry, dheera_ai_params: { model: "scripted/m", max_tokens_per_call: 500 } }];
  await createDheera({ providers: [configured.provider], model_list }).rerank(request);
  expect(configured.refusals()).toBe(0);

  const learned = counting(500);
  const dheera = createDheera({ providers: [learned.provider], model_list: [entry] });
  expect((await dheera.rerank(request)).results).toHaveLength(60);
  expect(learned.refusals()).toBe(1);
  await dheera.rerank({ ...request, query: "and now?" });
  expect(learned.refusals()).toBe(1);
});

it("never splits a list whose documents influence each other", async () => {
  const server = counting(1e6, { scoring: "listwise", limits: { tokensPerCall: 500 } });
  await createDheera({ providers: [server.provider], model_list: [entry] }).rerank(request);
  expect(server.accepted).toEqual([60]);
});
