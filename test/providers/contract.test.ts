import { type ProviderSubject, testProvider } from "@dheera-ai/core/testing";
import { allRows, rowProviders } from "@dheera-ai/providers";
import * as v from "valibot";
import { describe, expect, test } from "vitest";

import { standIns } from "./stand-ins/all-stand-ins.ts";
import type { StandIn } from "./stand-ins/stand-in.ts";

/** Their suites are in `packages/providers`, because at an address of one's own they are another API than at their own. */
const elsewhere = ["cohere", "dheera_ai", "litellm_proxy"];
const tested = standIns.filter(({ provider }) => !elsewhere.includes(provider));

test("every row is held to the contract", () => {
  const names = new Set([...tested.map(({ provider }) => provider), ...elsewhere]);
  expect(allRows.map(({ row }) => row.name).filter((name) => !names.has(name))).toEqual([]);
});

for (const standIn of tested) testProvider(subjectOf(standIn), { describe, test });

/** The row, asked at the suite's server as it is asked at its own; the answers are those of the stand-in. */
function subjectOf(standIn: StandIn): ProviderSubject {
  const { provider: name, model, params = {}, url, answer, order, used, providerOptions } = standIn;
  const provider = rowProviders({ environment: {} }).find((one) => one.name === name);
  if (provider === undefined) throw new Error(`there is no row ${name}`);
  const { api_base: _, ...options } = params;
  return {
    provider,
    model,
    options,
    ...(providerOptions && { providerOptions }),
    upstream: {
      path: new URL(url).pathname,
      readRequest: ({ body }) => {
        const asked = v.safeParse(standIn.body, body);
        return asked.success ? asked.output : { query: undefined, documents: undefined };
      },
      answer: (scores, request) => {
        const asked = v.parse(standIn.body, request.body);
        return { body: answer(scores, asked), ...(used && { usage: used }) };
      },
      ...(order === "positions" && { positional: true }),
    },
  };
}
