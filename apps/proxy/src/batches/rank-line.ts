import type { BatchLine, LineAnswer, RankLine } from "@dheera-ai/batch";
import { DheeraError, type ErrorCode, isDheeraError } from "@dheera-ai/core";
import { sleep } from "@dheera-ai/core/provider-utils";

import type { Caller } from "../access/caller.ts";
import { errorBody } from "../formats/error-body.ts";
import { cohereFormat } from "../formats/cohere.ts";
import type { GatewayRef } from "../gateway/gateway-ref.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { type RankContext, rankAsked } from "../ranking/rank-asked.ts";

/**
 * Ranks lines as requests of those whose batch it is: what their keys may do now holds, and what it costs is booked to them. Each line
 * is served by the gateway that is current when it begins.
 */
export function rankLines(current: Pick<GatewayRef, "gateway">): RankLine {
  return async (line) => {
    const { gateway } = current;
    const leave = gateway.inFlight.enter();
    try {
      return await rankLine(gateway, line);
    } finally {
      leave();
    }
  };
}

async function rankLine(gateway: Gateway, { owner, body, signal }: BatchLine): Promise<LineAnswer> {
  const started = performance.now();
  const callId = crypto.randomUUID();
  const context: RankContext = {
    gateway,
    callId,
    request: { signal, headers: noHeaders },
    env: undefined,
    headers: {},
    isOfBatch: true,
    modelName: undefined,
    asked: undefined,
    cost: undefined,
    report: undefined,
    account: undefined,
  };
  const answer = await serve(context, owner, body, signal);
  const { report, account } = context;
  account?.close({ callId, status: answer.status, milliseconds: performance.now() - started, report });
  return { ...answer, requestId: callId, cost: context.cost };
}

const noHeaders = new Headers();

async function serve(context: RankContext, owner: string, body: unknown, signal: AbortSignal): Promise<LineAnswer> {
  const { gateway, callId } = context;
  try {
    const caller = await gateway.access.callerOf(owner);
    await untilRoom(gateway, caller, signal);
    return await rankAsked(context, caller, {
      readBody: () => Promise.resolve(body),
      format: cohereFormat,
      answer: (answered) => ({ status: 200, body: answered }),
    });
  } catch (error) {
    const failure = signal.aborted ? unwanted(error) : isDheeraError(error) ? error : unexpected(error, context);
    const { status, retryAfter } = failure;
    return {
      status,
      body: errorBody(failure, callId),
      ...(retryAfter !== undefined && { retryAfter }),
      ...waitingFor(failure, context),
    };
  }
}

/** Lines wait for places, where requests over HTTP are refused. */
async function untilRoom({ parallel }: Gateway, caller: Caller, signal: AbortSignal): Promise<void> {
  while (!parallel.hasRoomForLine(caller)) await sleep(placesMs, signal);
}

const placesMs = 25;

/** Why the batch waits, and whether that may be for this line alone. */
function waitingFor(failure: DheeraError, context: RankContext): Pick<LineAnswer, "retryLater" | "isRefusal"> {
  const { code, message: retryLater, upstream } = failure;
  // Our own queue is full: no server has seen the line.
  const hasAsked = code !== "provider_overloaded" || upstream?.status !== undefined;
  if (ofKeyOrServer.has(code) || !hasAsked) return { retryLater };
  if (ofServer.has(code)) return { retryLater, isRefusal: true };
  return ofServerOrText.has(code) && areAllCooling(context) ? { retryLater, isRefusal: true } : {};
}

function areAllCooling({ gateway, modelName }: RankContext): boolean {
  const deployments = gateway.dheera.deployments().filter((one) => one.modelName === modelName);
  return deployments.length > 0 && deployments.every(({ state }) => state === "cooling");
}

/** Another line would fare no better now. */
const ofKeyOrServer: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "rate_limited",
  "budget_exceeded",
  "provider_auth",
  "provider_rate_limited",
  "provider_starting",
  "unavailable",
]);

/** Nor here, unless a text makes a server refuse or die. */
const ofServer: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["provider_overloaded", "provider_unreachable"]);

/** A text may do that to a server, or a server to any text. */
const ofServerOrText: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "provider_failed",
  "provider_bad_response",
  "timeout",
]);

function unwanted(cause: unknown): DheeraError {
  return new DheeraError("cancelled", "nobody waits for this line any more", { cause });
}

/** A defect of the proxy itself, whose message may quote a document. */
function unexpected(error: unknown, { gateway, callId }: RankContext): DheeraError {
  gateway.telemetry.log.error("a line of a batch failed unexpectedly", { call_id: callId, error });
  return new DheeraError("internal", `something went wrong here; the proxy's log has it under the call id ${callId}`, {
    cause: error,
  });
}
