import { setImmediate } from "node:timers/promises";

import type { FromChild, RefusedMessage, ToChild } from "../process/protocol.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { Refusal } from "./refusal.ts";
import { type Request, createRequest } from "./request.ts";
import { createTurns } from "./turns.ts";

/** Serves requests with a model that is loaded. */
export interface Worker {
  take(message: Exclude<ToChild, { type: "load" }>): void;
}

export function createWorker(model: LoadedModel, send: (message: FromChild) => void): Worker {
  const requests = new Map<number, Request>();
  const turns = createTurns<Request>();
  let isWorking = false;
  let lastFlush = performance.now();

  return {
    take: (message) => {
      if (message.type === "cancel") return cancel(message.id);
      const request = createRequest(message, model);
      requests.set(request.id, request);
      if (request.size === 0) return finish(request);
      turns.add(request, request.size);
      if (!isWorking) void work();
    },
  };

  /** One text a round, of one request after the other. While the runtime computes one, the next is made into tokens. */
  async function work(): Promise<void> {
    isWorking = true;
    let current: Prepared | undefined = prepareNext();
    while (current !== undefined) {
      const { request, prepared }: Prepared = current;
      let next: Prepared | undefined = undefined;
      try {
        const run = await prepared;
        next = prepareNext();
        if (requests.has(request.id)) await run();
        if (requests.has(request.id) && request.isComplete()) finish(request);
      } catch (error) {
        if (requests.has(request.id)) refuse(request, error);
      }
      if (performance.now() - lastFlush >= flushEvery) flush();
      // Requests and cancellations that arrived meanwhile are read from the channel here.
      await setImmediate();
      current = next ?? prepareNext();
    }
    isWorking = false;
  }

  function prepareNext(): Prepared | undefined {
    const turn = turns.next();
    if (turn === undefined) return undefined;
    const prepared = turn.of.prepare(turn.position);
    // It is awaited later, and may fail before that.
    prepared.catch(ignore);
    return { request: turn.of, prepared };
  }

  function cancel(id: number): void {
    const request = requests.get(id);
    if (request === undefined) return;
    end(request);
    send({ type: "cancelled", id });
  }

  function refuse(request: Request, error: unknown): void {
    end(request);
    send({ type: "refused", id: request.id, ...refusalOf(error) });
  }

  function finish(request: Request): void {
    const unsent = request.takeScores(memoryNow());
    if (unsent !== undefined) send(unsent);
    end(request);
    send(request.finish());
  }

  function end(request: Request): void {
    requests.delete(request.id);
    turns.remove(request);
  }

  function flush(): void {
    lastFlush = performance.now();
    const memory = memoryNow();
    for (const request of requests.values()) {
      const unsent = request.takeScores(memory);
      if (unsent !== undefined) send(unsent);
    }
  }
}

/** A text of a request that is being made into tokens. */
interface Prepared {
  readonly request: Request;
  readonly prepared: Promise<() => Promise<void>>;
}

/** Milliseconds after which computed scores are sent: what a child that dies can take with it. */
const flushEvery = 30;

/** Bytes that this process uses. */
export const memoryNow = (): number => process.memoryUsage.rss();

const ignore = (): void => undefined;

/** Only sentences written here or in this folder: what libraries say might quote a text. */
function refusalOf(error: unknown): Pick<RefusedMessage, "reason" | "message"> {
  if (error instanceof Refusal) return { reason: error.reason, message: error.message };
  return { reason: "failed", message: "the process of the model failed in a way that it does not know" };
}
