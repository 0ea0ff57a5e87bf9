import { setTimeout as sleep } from "node:timers/promises";

import { Agent, request } from "undici";

import type { Asked } from "../../fairness/client.ts";
import { randomNumbers } from "../random-numbers.ts";

/** How requests ended that were sent meanwhile. */
export interface Arrivals {
  /** Milliseconds of each that was answered with 200. */
  readonly milliseconds: number[];
  refused: number;
}

export interface RandomRequests extends AsyncDisposable {
  /** The same times each time. */
  during(wait: () => Promise<unknown>): Promise<Arrivals>;
}

/** Requests at random times, so many a second on average, whatever becomes of those before, until it is disposed of. */
export function sendAtRandom({ url, key, documents }: Asked, perSecond: number, seed: number): RandomRequests {
  const agent = new Agent();
  const stop = new AbortController();
  const texts = JSON.stringify(documents);
  const open = new Set<Promise<void>>();
  let arrivals: Arrivals | undefined;
  let random = randomNumbers(seed);
  let next = performance.now();
  let number = 0;

  const send = async (): Promise<void> => {
    const into = arrivals;
    const began = performance.now();
    // No two queries are the same: equal work would be shared.
    const body = `{"model":"reranker","query":"${number++} of ${process.pid}","documents":${texts}}`;
    const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
    const answer = await request(`${url}/rerank`, { method: "POST", headers, body, dispatcher: agent });
    await answer.body.arrayBuffer();
    if (answer.statusCode === 200) into?.milliseconds.push(performance.now() - began);
    else if (into) into.refused++;
  };

  const sending = (async () => {
    while (!stop.signal.aborted) {
      next += (-Math.log(1 - random()) * 1_000) / perSecond;
      await sleep(Math.max(0, next - performance.now()));
      const sent = send();
      open.add(sent);
      void sent.finally(() => open.delete(sent));
    }
  })();

  return {
    during: async (wait) => {
      const meanwhile: Arrivals = { milliseconds: [], refused: 0 };
      random = randomNumbers(seed);
      next = performance.now();
      arrivals = meanwhile;
      await wait();
      arrivals = undefined;
      await Promise.all(open);
      return meanwhile;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await sending;
      await Promise.all(open);
      await agent.destroy();
    },
  };
}
