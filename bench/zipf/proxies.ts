import { type ProxyProcess, startProxy } from "../../test/support/proxy-process.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";

export const masterKey = "sk-bench";
/** Scored by the upstream. Its name is as long as the other's, so that bodies are. */
export const scoredModel = "reranker";
/** Scored in the proxy's own process, with the same number for every document. */
export const constantModel = "constant";

/** The real proxy with both models. */
export async function startBenchProxy(upstream: string, cache: boolean): Promise<ProxyProcess> {
  await using folder = await createFolder({
    "config.yaml": configuration(upstream, cache),
    "constant.js": constantProvider,
  });
  return await startProxy(`${folder.path}/config.yaml`);
}

function configuration(upstream: string, cache: boolean): string {
  return `
model_list:
  - model_name: ${scoredModel}
    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: ${upstream} }
  - model_name: ${constantModel}
    dheera_ai_params: { model: constant/model }
plugins: [./constant.js]
general_settings: { master_key: ${masterKey} }
dheera_ai_settings: { cache: ${cache}, cache_params: { type: local, max_size_mb: 64 } }
`;
}

const constantProvider = `export default {
  name: "constant",
  connect: () => ({
    profile: () => ({ scoring: "pointwise", scoreKind: "probability", billing: "compute", fingerprint: "constant", limits: {} }),
    score: async ({ documents }) => ({ scores: documents.map((_, index) => ({ index, score: 0.5 })) }),
  }),
};
`;
