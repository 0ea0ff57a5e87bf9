import { createDheera } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

import { documentsOf, shapes, upstreamAnswer } from "../proxy/load/shapes.ts";
import { infoOf } from "../proxy/servers/info.ts";
import { answerParent } from "./answer-parent.ts";

/** Ranks through core and the Hugging Face provider, whose upstream is a function: `core-process.ts DOCUMENTS`. */
const shape = shapes.find(({ documents }) => String(documents) === process.argv[2]) ?? shapes[0];
if (!shape) throw new Error("there is no shape");
const documents = documentsOf(shape);
const answer = upstreamAnswer(shape);
const headers = { "content-type": "application/json" };
const dheera = createDheera({
  providers: [huggingface()],
  model_list: [
    {
      model_name: "reranker",
      dheera_ai_params: { model: "huggingface/bench/reranker", api_base: "http://localhost:1" },
    },
  ],
  transport: {
    fetch: async (input) => new Response(String(input).endsWith("/info") ? infoOf() : answer, { headers }),
  },
});
let number = 0;

answerParent("ready", async (requests) => {
  for (const end = number + requests; number < end; number++)
    await dheera.rerank({ model: "reranker", query: `which bridge is old? ${number}`, documents, top_n: 10 });
});
