import type { LocalModel } from "@dheera-ai/local/hub";

import { withProxy } from "../configuration.ts";
import { loadLocalHub } from "./local-hub.ts";
import type { Terminal } from "../terminal.ts";

/**
 * The model on this machine to begin with, as it follows `local/`; undefined where there is none, or nothing to run it
 * with. Cross-encoders come first, because they rank better, then what was used last.
 */
export async function findUsableLocalModel(environment: Terminal["environment"]): Promise<string | undefined> {
  const models = await loadLocalHub().then(
    (hub) => hub.listModels({ environment }),
    // Without the package there is nothing to offer.
    () => [],
  );
  const [best] = models.filter(({ problem }) => problem === undefined).toSorted(byUse);
  if (!best) return undefined;
  const { name, refs, commit } = best;
  const model = refs.includes("main") ? name : `${name}@${commit}`;
  return (await canServe(model, environment)) ? model : undefined;
}

function byUse(one: LocalModel, other: LocalModel): number {
  const [first, second] = [one, other].map(({ kind }) => (kind === "cross-encoder" ? 0 : 1));
  return (first ?? 0) - (second ?? 0) || (other.lastUsed?.getTime() ?? 0) - (one.lastUsed?.getTime() ?? 0);
}

/** Whether what runs it is installed as well. Starts nothing. */
function canServe(model: string, environment: Terminal["environment"]): Promise<boolean> {
  const entry = { model_name: "m", dheera_ai_params: { model: `local/${model}` } };
  return withProxy(async ({ createGateway, parseConfig }) => {
    const { config } = parseConfig(JSON.stringify({ model_list: [entry] }), { file: "init", environment });
    const gateway = await createGateway(config, { environment, directory: "." });
    try {
      const [deployment] = gateway.dheera.deployments();
      if (!deployment) return false;
      await gateway.dheera.check(deployment.id, AbortSignal.timeout(checkTimeoutMs), { withoutCalls: true });
      return true;
    } catch {
      return false;
    } finally {
      await gateway.close();
    }
  });
}

/** Milliseconds. Files are looked at. */
const checkTimeoutMs = 5_000;
