import { setPriority } from "node:os";
import { Worker } from "node:worker_threads";

import { isOrder } from "./messages.ts";

/** A little behind requests, where both want the same processor. */
const priority = 5;
/** Milliseconds that the process which asked has to end this one, and to say why, before this one ends by itself. */
const spare = 1_000;

/**
 * Hands orders to a thread and its answers back. What is within SQLite hears nothing before its statement is done, and a process that
 * ends in an orderly way waits for it: so that this one can end at any time, it reads in a thread, and kills itself.
 * @param program what the thread runs
 */
export function keepThread(program: string, path: string): void {
  fallBehind();
  const thread = new Worker(program, { workerData: path });
  let timer: NodeJS.Timeout | undefined;
  process.on("message", (order: unknown) => {
    if (!isOrder(order)) return;
    if (order !== "more") timer = setTimeout(end, order.time + spare);
    // Windows have origins, threads have none.
    // eslint-disable-next-line unicorn/require-post-message-target-origin
    thread.postMessage(order);
  });
  thread.on("message", (answer: unknown) => {
    clearTimeout(timer);
    process.send?.(answer, (error: Error | null) => {
      if (error) end();
    });
  });
  // Its memory is full, or what is wrong is in this program: nobody is to wait for it.
  thread.on("error", (error) => {
    console.error(error);
    end();
  });
  process.on("disconnect", end);
  // What stops a service is sent to all its processes: the one that started this one says when it ends.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
}

/** Before the thread is there, which is where its process is. */
function fallBehind(): void {
  try {
    setPriority(priority);
  } catch {
    // Not everywhere may a process be put behind others.
  }
}

function end(): void {
  process.kill(process.pid, "SIGKILL");
}
