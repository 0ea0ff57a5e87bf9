import type { RequestBody } from "../../code/request-body.ts";
import { messageOf } from "../../browser/refusal.ts";
import type { ProxyClient } from "../proxy-client.ts";
import type { Outcome } from "./column.ts";

/** Where answers go as they arrive. */
export interface Audience {
  begin(models: readonly string[], body: RequestBody): void;
  settle(position: number, outcome: Outcome): void;
}

/** What came of asking all of them. */
export interface Summary {
  /** Results of the first model that answered. */
  readonly results: number;
  readonly answered: number;
  /** Where no model answered and all for the same reason: the error. */
  readonly failure?: unknown;
}

/**
 * Asks each of the models by itself, so that none waits for another; tells the audience of each answer as it arrives.
 * @returns undefined when it was aborted
 */
export async function rerankWithEach(
  proxy: ProxyClient,
  models: readonly string[],
  body: RequestBody,
  audience: Audience,
  signal: AbortSignal,
): Promise<Summary | undefined> {
  audience.begin(models, body);
  const failures: unknown[] = [];
  const results = new Map<number, number>();
  const ask = async (model: string, position: number): Promise<void> => {
    try {
      const answer = await proxy.rerank({ ...body, model }, signal);
      if (signal.aborted) return;
      results.set(position, answer.results.length);
      audience.settle(position, { kind: "answered", answer });
    } catch (error) {
      if (signal.aborted) return;
      failures.push(error);
      audience.settle(position, { kind: "failed", problem: messageOf(error) });
    }
  };
  await Promise.all(models.map(ask));
  if (signal.aborted) return undefined;
  const isAlike = results.size === 0 && new Set(failures.map(messageOf)).size === 1;
  const first = results.get(Math.min(...results.keys())) ?? 0;
  return { results: first, answered: results.size, ...(isAlike && { failure: failures[0] }) };
}
