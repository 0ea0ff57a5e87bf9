import { expect, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { pointwise, scoreAll, scriptedProvider } from "../fixtures/scripted-provider.ts";

const query = "which of these?";
const documentsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `text ${index}`);
const model_list = [{ model_name: "m", dheera_ai_params: { model: "scripted/m" } }];

it.each(["pointwise", "listwise"] as const)(
  "a request with more documents than a %s model may get is refused before anything is sent",
  async (scoring) => {
    const limits = { documentsPerCall: scoring === "pointwise" ? 1 : undefined, documentsPerRequest: 5 };
    const provider = scriptedProvider(scoreAll, { ...pointwise, scoring, limits });
    const dheera = createDheera({ providers: [provider], model_list });
    expect((await dheera.rerank({ model: "m", query, documents: documentsOf(5) })).results).toHaveLength(5);
    const sent = provider.calls.length;
    await expect(dheera.rerank({ model: "m", query, documents: documentsOf(6) })).rejects.toMatchObject({
      code: "invalid_request",
      param: "documents",
      message:
        "documents: this model takes at most 5 in a request, not 6, because each of them costs; send fewer, or raise max_documents of its deployment",
    });
    expect(provider.calls).toHaveLength(sent);
  },
);
