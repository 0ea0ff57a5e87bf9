import { parseAddress } from "./address.ts";
import type { Line } from "../wire/http-client.ts";
import type { Place } from "./endpoint.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import { untilAborted } from "../wire/single-flight.ts";

/** Seconds for which the proxy of Inference Endpoints is asked to hold the request; below the five minutes after which Node.js hangs up. */
const hold = 240;
/** Seconds between questions where the proxy does not hold the request and does not say when to come back. */
const pollEvery = 5;
const leastPause = 0.2;

/**
 * Asks an Inference Endpoint that scaled to zero to start, and resolves when it answers (Inference Endpoints documentation, "Autoscaling").
 * @throws DheeraError when it refuses for another reason than that it is starting.
 */
export async function wakeEndpoint(place: Place, line: Line, signal: AbortSignal): Promise<void> {
  const health = parseAddress(place.url).at("/health");
  for (;;) {
    const answer = await line.get(health, signal, { "x-scale-up-timeout": String(hold) });
    // Custom containers need not have a health route: whatever they answer, they are awake.
    if (answer.status < 400 || answer.status === 404 || answer.status === 405) return;
    const { error } = readRefusal(answer, { place, key: await line.key() });
    // 502 and 504: the proxy sees a replica that does not answer yet.
    if (error.code !== "provider_starting" && answer.status !== 502 && answer.status !== 504) throw error;
    await pause(Math.max(leastPause, error.retryAfter ?? pollEvery), signal);
  }
}

async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000);
  try {
    await untilAborted(promise, signal);
  } finally {
    clearTimeout(timer);
  }
}
