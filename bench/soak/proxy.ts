import { type ProxyProcess, startProxy } from "../../test/support/proxy-process.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";

export const masterKey = "sk-bench";
export const modelName = "reranker";

/**
 * The real proxy before these servers, with a cache so small that it is full within seconds. Its file is gone when it
 * runs: there is nothing to take up.
 */
export async function startSoakedProxy(upstreams: readonly string[]): Promise<ProxyProcess> {
  await using folder = await createFolder({ "config.yaml": configuration(upstreams) });
  return await startProxy(`${folder.path}/config.yaml`);
}

function configuration(upstreams: readonly string[]): string {
  const entries = upstreams.map(
    (url) =>
      `  - model_name: ${modelName}\n    dheera_ai_params: { model: huggingface/simulated/reranker, api_base: ${url} }`,
  );
  return `
model_list:
${entries.join("\n")}
general_settings: { master_key: ${masterKey} }
dheera_ai_settings: { cache: true, cache_params: { type: local, max_size_mb: 2 } }
`;
}
