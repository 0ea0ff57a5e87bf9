import {
  type Dheera,
  type DheeraOptions,
  type ModelParams,
  type Observer,
  type RerankResponse,
  createDheera,
} from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";
import { onTestFinished } from "vitest";

import type { SimulatorOptions } from "../simulator/options.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";

/** A simulator that is closed when the test ends. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The library over simulated servers by model name; their deployments are named `<model name>-<position>`. */
export function dheeraOver(
  models: Readonly<Record<string, readonly Simulator[]>>,
  params: Partial<ModelParams> = {},
  options: Partial<DheeraOptions> = {},
): Dheera {
  return createDheera({
    providers: [huggingface({ environment: {} })],
    model_list: Object.entries(models).flatMap(([model_name, simulators]) =>
      simulators.map((simulator, position) => ({
        model_name,
        dheera_ai_params: { model: "huggingface/BAAI/bge-reranker-base", api_base: simulator.url, ...params },
        model_info: { id: `${model_name}-${position}` },
      })),
    ),
    ...options,
  });
}

/** Which calls begin before those of one request: that does not depend on how fast the machine is. */
export function admissionOrder(): { observer: Observer; follow(): string; before(): number } {
  let begun = 0;
  let followed: { readonly id: string; readonly begunBefore: number; begunAtItsCall?: number } | undefined;
  return {
    observer: {
      call: ({ callId, documents }, run) => {
        if (callId === followed?.id) followed.begunAtItsCall ??= begun;
        else begun += documents;
        return run();
      },
    },
    /** @returns the id of the request that is to be followed from now on */
    follow() {
      followed = { id: crypto.randomUUID(), begunBefore: begun };
      return followed.id;
    },
    /** Documents of others whose calls began after the request and before its own. */
    before: () => (followed?.begunAtItsCall ?? Infinity) - (followed?.begunBefore ?? 0),
  };
}

/** Texts of about `characters` each, all different. */
export function manyDocuments(count: number, characters = 20): readonly string[] {
  return Array.from({ length: count }, (_, position) => `${position} `.padEnd(characters, "word "));
}

/** The rows of a response as the oracle writes them. */
export function rowsOf({ results }: RerankResponse): { index: number; score: number }[] {
  return results.map(({ index, relevance_score }) => ({ index, score: relevance_score }));
}

/** What `rowsOf` gives when everything is right. */
export { oracleRanking as oracleRows } from "../simulator/oracle.ts";
