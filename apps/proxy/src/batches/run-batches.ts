import type { Work } from "@dheera-ai/batch";

import type { GatewayRef } from "../gateway/gateway-ref.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Shared } from "../gateway/shared.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import type { GatewayBatches } from "./gateway-batches.ts";
import { rankLines } from "./rank-line.ts";

/** The work of this process on batches. */
export interface BatchRunner {
  /** To be called when the gateway was replaced: running lines go on, and a worker with other settings takes over. */
  follow(): Promise<void>;
  /** Keeps what has ended and gives the rest back to other workers, within some seconds. */
  close(): Promise<void>;
}

export interface RunBatchesOptions {
  readonly log: Logger;
  /** Whether this process runs batches also where `run_in_proxy` is false: it is a worker. */
  readonly always?: boolean;
}

/** Runs batches as the current gateway's settings say. */
export function runBatches(current: GatewayRef, { log, always = false }: RunBatchesOptions): BatchRunner {
  const rankLine = rankLines(current);
  let running: Running | undefined;
  let isClosed = false;

  const start = ({ batches: shared, config }: Gateway): Running | undefined => {
    const { run_in_proxy: inProxy, concurrency } = config.batch_settings;
    if (!shared || isClosed || !(inProxy || always)) return undefined;
    const { batches, figures } = shared.value;
    // The gateway that is replaced must not close what its worker still uses.
    shared.hold();
    const tell = createTroubleLog(log);
    const work = batches.work({
      rankLine,
      concurrency,
      onLine: (outcome) => void figures.lines[outcome]++,
      onTrouble(message, cause) {
        figures.lastTrouble = performance.now();
        tell(message, cause);
      },
    });
    figures.isWorking = true;
    return { shared, concurrency, work };
  };
  const end = async ({ work, shared }: Running): Promise<void> => {
    await work.close();
    shared.value.figures.isWorking = false;
    await shared.release();
  };
  const change = async (): Promise<void> => {
    const { batches: shared, config } = current.gateway;
    const { concurrency, run_in_proxy: inProxy } = config.batch_settings;
    const isSame = running?.shared === shared && running?.concurrency === concurrency && (inProxy || always);
    if (isSame && !isClosed) return;
    const before = running;
    running = undefined;
    if (before) await end(before);
    running = start(current.gateway);
  };
  // One change after the other.
  let changed = change();
  const next = (): Promise<void> => (changed = changed.then(change));
  return {
    follow: next,
    close() {
      isClosed = true;
      return next();
    },
  };
}

interface Running {
  readonly shared: Shared<GatewayBatches>;
  readonly concurrency: number;
  readonly work: Work;
}

/** The same trouble is told once a minute: a queue that is away would fill the log. */
function createTroubleLog(log: Logger): (message: string, cause: unknown) => void {
  const quietUntil = new Map<string, number>();
  return (message, cause) => {
    const now = performance.now();
    if (now < (quietUntil.get(message) ?? 0)) return;
    if (quietUntil.size > 100) quietUntil.clear();
    quietUntil.set(message, now + quietMs);
    log.warn(message, { error: cause });
  };
}

const quietMs = 60_000;
