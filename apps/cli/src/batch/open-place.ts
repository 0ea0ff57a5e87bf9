import { CostLedger } from "@dheera-ai/eval";

import { apiKeyOf } from "../api-key.ts";
import { UsageError } from "../errors.ts";
import { openModels, type OpenModels } from "../measuring/open-models.ts";
import type { Terminal } from "../terminal.ts";
import type { BatchOptions } from "./batch-options.ts";
import type { RunPlan } from "./plan-run.ts";
import { openAtProxy } from "./running/at-proxy.ts";
import type { BatchPlace } from "./running/batch-place.ts";
import { openHere } from "./running/here.ts";
import { type Halt, rankHere } from "./running/rank-here.ts";

/** Where the batch runs, and what this process knows of it beside. */
export interface OpenPlace extends AsyncDisposable {
  readonly place: BatchPlace;
  /** US dollars that requests of this process, and of earlier ones, have cost. */
  readonly ledger: CostLedger;
  /** Pairs that this process has ranked; undefined where others do. */
  ranked(): number | undefined;
  /** Why nothing more is to be asked. */
  halted(): Halt | undefined;
}

/** @throws UsageError, WrongConfiguration */
export async function openPlace(
  { isAtProxy, folder }: RunPlan,
  options: BatchOptions,
  terminal: Terminal,
): Promise<OpenPlace> {
  const ledger = new CostLedger(options.max_cost);
  const { api_base: base } = options;
  if (isAtProxy && base !== undefined) {
    const place = await openAtProxy({ api_base: base, api_key: options.api_key }, terminal);
    const none = (): undefined => undefined;
    return { place, ledger, ranked: none, halted: none, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  }
  await using stack = new AsyncDisposableStack();
  const opened = stack.use(await openModels(wantedModels(options, terminal), terminal));
  refuseUnknownCosts(opened, options);
  let ranked = 0;
  let halt: Halt | undefined;
  const place = stack.use(
    await openHere({
      folder,
      concurrency: options.concurrency,
      onTrouble: (message) => terminal.printError(`warning: ${message}`),
      rankLine: rankHere({
        ...opened,
        ledger,
        isLimited: options.max_cost !== undefined,
        halt: (why) => (halt ??= why),
        onRanked: (pairs) => (ranked += pairs),
      }),
    }),
  );
  const owned = stack.move();
  return {
    place,
    ledger,
    ranked: () => ranked,
    halted: () => halt,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function wantedModels(options: BatchOptions, { environment }: Terminal): Parameters<typeof openModels>[0] {
  const { config, model, api_base: base } = options;
  return {
    config,
    models: model === undefined ? undefined : [model],
    withCosts: options.max_cost !== undefined,
    asServed: true,
    option: "--model",
    ...(base !== undefined && { server: { api_base: base, api_key: apiKeyOf(options, environment) } }),
  };
}

/** @throws UsageError where a ceiling could not be held */
function refuseUnknownCosts({ models }: OpenModels, { max_cost: ceiling, unknown_cost: how }: BatchOptions): void {
  if (ceiling === undefined || how === "allow") return;
  const unknown = models.filter(({ worstCost }) => worstCost?.({ query: "q", documents: ["d"] }) === undefined);
  if (unknown.length === 0) return;
  throw new UsageError(
    `--max_cost: what a request costs at most is not known of ${unknown.map(({ name }) => name).join(", ")}; give it a price (model_info.input_cost_per_query or input_cost_per_token of its entry in the configuration), or --unknown_cost allow`,
  );
}
