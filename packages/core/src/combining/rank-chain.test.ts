import { expect, it } from "vitest";

import { openContext } from "../dispatch/context.ts";
import { scriptedProvider } from "../fixtures/scripted-provider.ts";
import { parseRequest } from "../request/parse-request.ts";
import { ModelRegistry } from "../routing/model-registry.ts";
import { rankByChain } from "./rank-chain.ts";

it("says that a model leads back to itself where nothing else could be tried", async () => {
  const never = (): Promise<never> => Promise.reject(new Error("must not be asked"));
  const registry = new ModelRegistry({
    providers: [scriptedProvider()],
    combinations: [{ name: "mine", optionNames: [], connect: () => ({ models: ["m"], rank: never }) }],
    model_list: [
      { model_name: "m", dheera_ai_params: { model: "scripted/a" } },
      { model_name: "c", dheera_ai_params: { model: "mine/c" } },
    ],
  });
  const request = parseRequest({ model: "c", query: "q", documents: ["one"] }, registry.limits);
  const context = openContext({ timeout: 60, observer: undefined });
  const lease = registry.lease(request);
  const chain = rankByChain({ registry, options: {}, byRoute: never, path: ["c"] }, lease.groups, request, context);
  await expect(chain).rejects.toMatchObject({
    code: "invalid_request",
    message: "model: leads back to itself: c → c",
  });
  lease.release();
  context.close();
});
