import type { IncomingHttpHeaders } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

import { type Answer, Refused, empty } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import { refusalOf } from "../faults/faults.ts";
import { spoil } from "../faults/garbage.ts";
import type { Process } from "../process.ts";
import { findRoute } from "../routes/find-route.ts";
import { textsOf } from "../faults/texts-of.ts";
import type { RequestContext } from "./request-context.ts";

/** Serves one request, or does what the script wants to go wrong with it. */
export async function handle(exchange: Exchange, process: Process): Promise<void> {
  const body = await buffer(exchange.request);
  const fault = process.nextFault(exchange.path, () => textsOf(body));
  if (fault?.kind === "hang") return;
  if (fault?.kind === "reset") return exchange.reset();
  if (fault?.kind === "refuse") return exchange.send(refusalOf(fault, process.settings.version));
  if (fault?.kind === "slow") await delay(fault.milliseconds, undefined, { signal: exchange.signal });
  const { headers } = exchange.request;
  const answer = await answerOf(exchange, process, {
    ...process,
    headers,
    body,
    signal: exchange.signal,
  });
  if (exchange.signal.aborted) return;
  if (fault?.kind === "death") return exchange.sendHalf(answer);
  exchange.send(fault?.kind === "garbage" && answer.status === 200 ? spoil(answer, fault.garbage) : answer);
}

async function answerOf(exchange: Exchange, process: Process, context: RequestContext): Promise<Answer> {
  try {
    const route = findRoute(exchange.method, exchange.path, process.settings);
    if (!route.isPublic && !hasKey(context.headers, process.settings.apiKey)) return empty(401);
    return (await process.warmth.admit(context.headers)) ?? (await route.answer(context));
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

function hasKey({ authorization }: IncomingHttpHeaders, key: string | undefined): boolean {
  return key === undefined || authorization === `Bearer ${key}`;
}
