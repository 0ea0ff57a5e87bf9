import type { Context } from "../context.ts";
import { keepHouse } from "./keep-house.ts";
import type { WorkOptions } from "./work-options.ts";
import { Worker } from "./worker.ts";

/** A worker that runs. */
export interface Work extends AsyncDisposable {
  /** Takes no more, gives running lines five seconds, keeps what has ended, and gives the rest back to others. */
  close(): Promise<void>;
}

/** Works on whatever is in the queue until it is closed. */
export function startWork(context: Context, options: WorkOptions, onClosed: () => void): Work {
  const worker = new Worker(context, options);
  const house = keepHouse(context, options.onTrouble ?? (() => undefined));
  const end = async (): Promise<void> => {
    options.signal?.removeEventListener("abort", onAbort);
    await Promise.all([worker.close(), house.close()]);
    onClosed();
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= end());
  const onAbort = (): void => void close();
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener("abort", onAbort, { once: true });
  return { close, [Symbol.asyncDispose]: close };
}
