import { sleep } from "@dheera-ai/core/provider-utils";

import { readRefusal } from "../errors/read-refusal.ts";
import type { HttpClient } from "../wire/http-client.ts";
import { parseAddress } from "./address.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Seconds for which the proxy of Inference Endpoints is asked to hold the request; below the five minutes after which
 * Node.js hangs up.
 */
const holdSeconds = 240;
/** Between requests where the proxy does not hold the request and names no time to come back. */
const pollSeconds = 5;
const leastPauseSeconds = 0.2;

/**
 * Asks an Inference Endpoint that scaled to zero to start, and resolves when it answers (Inference Endpoints
 * documentation, "Autoscaling").
 * @throws DheeraError when it refuses for another reason than that it is starting.
 */
export async function wakeEndpoint(endpoint: Endpoint, client: HttpClient, signal: AbortSignal): Promise<void> {
  const health = parseAddress(endpoint.url).at("/health");
  for (;;) {
    const answer = await client.get(health, signal, { "x-scale-up-timeout": String(holdSeconds) });
    // Custom containers need not have a health route: any answer of theirs means that they are awake.
    if (answer.status < 400 || answer.status === 404 || answer.status === 405) return;
    const { error } = readRefusal(answer, { endpoint, key: await client.key() });
    // 502 and 504: the proxy sees a replica that does not answer yet.
    if (error.code !== "provider_starting" && answer.status !== 502 && answer.status !== 504) throw error;
    await sleep(Math.max(leastPauseSeconds, error.retryAfter ?? pollSeconds) * 1000, signal);
  }
}
