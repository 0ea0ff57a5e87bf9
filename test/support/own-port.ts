import { randomInt } from "node:crypto";

/**
 * Lets a server listen on a port that it finds again after it has ended: below those that systems give to whoever asks for
 * any, so that no other server and no connection gets it meanwhile, and of those the workers of a run each have their own.
 * @param listen tried with one port after the other while they are in use
 */
export async function onOwnPort<T>(listen: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen(nextPort());
    } catch (error) {
      if (attempt === portsOfAWorker || !isInUse(error)) throw error;
    }
  }
}

/** Linux gives ports from 32,768, other systems from 49,152. */
const firstPort = 11_000;
const portsOfAWorker = 680;
const mostWorkers = 32;

/** Runs beside each other on one machine seldom begin at the same port. */
let given = randomInt(portsOfAWorker);

/** None twice before all were given. */
function nextPort(): number {
  const worker = Number(process.env["VITEST_POOL_ID"] ?? 0) % mostWorkers;
  return firstPort + worker * portsOfAWorker + (given++ % portsOfAWorker);
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && /EADDRINUSE|address already in use/i.test(error.message);
}
