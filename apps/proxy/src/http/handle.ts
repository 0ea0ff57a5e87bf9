import { DheeraError, type ErrorCode, isDheeraError } from "@dheera-ai/core";
import type { Context } from "hono";

import type { Caller } from "../access/check-key.ts";
import { errorBody } from "../formats/error-body.ts";
import type { ErrorFormat } from "../formats/request-format.ts";
import type { GatewayRef } from "../gateway/gateway-ref.ts";
import { answerJson } from "./json-response.ts";
import type { RequestContext } from "./request-context.ts";

type Answer = Response | Promise<Response>;
type Handler = (honoContext: Context) => Promise<Response>;

/**
 * Wraps a route's function: errors become JSON answers, every answer carries the call id, and telemetry gets a report
 * of it.
 */
export interface Handle {
  /** Serves every caller, without a key: health probes. */
  open(route: string, run: (context: RequestContext) => Answer): Handler;
  /**
   * Serves callers that access has identified.
   * @param formatError formats errors for the clients of this route; the proxy's own format when absent
   */
  guarded(route: string, run: (context: RequestContext, caller: Caller) => Answer, formatError?: ErrorFormat): Handler;
}

/** Looks up the address of the peer that connected; undefined where the runtime does not know it. */
export type PeerAddress = (request: Request, env: unknown) => string | undefined;

export function createHandle(current: GatewayRef, peerAddress: PeerAddress): Handle {
  return {
    open: (route, run) => (honoContext) => receive(createContext(current, honoContext, errorBody), route, run),
    guarded:
      (route, run, formatError = errorBody) =>
      (honoContext) => {
        const identifyAndRun = (context: RequestContext): Answer => {
          const { access } = context.gateway;
          const peer = (): string | undefined => peerAddress(context.request, context.env);
          access.checkAddress(context.request.headers, peer);
          context.caller = access.identify(context.request.headers, peer);
          return run(context, context.caller);
        };
        const leave = current.gateway.inFlight.enter();
        return receive(createContext(current, honoContext, formatError), route, identifyAndRun, leave);
      },
  };
}

function createContext(
  { gateway, state }: GatewayRef,
  { req, env }: Context,
  formatError: ErrorFormat,
): RequestContext {
  const request = req.raw;
  const callId = callIdOf(request.headers);
  return {
    request,
    env,
    callId,
    gateway,
    state,
    started: performance.now(),
    headers: { "x-dheera-call-id": callId },
    formatError,
    // All that is set later is named here, because an object that grows is made anew each time it does.
    caller: undefined,
    modelName: undefined,
    asked: undefined,
    isBackground: undefined,
    cost: undefined,
    report: undefined,
  };
}

/** Other ids are not taken over from the caller, because ids end up in logs and headers. */
const safeCallId = /^[\w.:/+=-]{1,128}$/;

/** The id that logs, traces and headers of a request carry: the caller's own where it is safe, a new one otherwise. */
export function callIdOf(headers: Pick<Headers, "get">): string {
  const given = headers.get("x-dheera-call-id") ?? headers.get("x-litellm-call-id");
  return given !== null && safeCallId.test(given) ? given : crypto.randomUUID();
}

/** @param leave called when the request has been answered */
function receive(
  context: RequestContext,
  route: string,
  run: (context: RequestContext) => Answer,
  leave?: () => void,
): Promise<Response> {
  const { callId, gateway, request } = context;
  const { telemetry } = gateway;
  telemetry.requestStarted?.();
  if (!telemetry.around) return answer(context, route, run, leave);
  const start = { callId, method: request.method, route, headers: request.headers };
  return telemetry.around(start, () => answer(context, route, run)).finally(leave);
}

async function answer(
  context: RequestContext,
  route: string,
  run: (context: RequestContext) => Answer,
  leave?: () => void,
): Promise<Response> {
  try {
    const response = await run(context);
    reportEnd(context, route, response.status);
    return response;
  } catch (error) {
    const isForeseen = isDheeraError(error) && (error.code !== "internal" || error.provider !== undefined);
    const failure = isForeseen ? asCallersSee(error) : unexpected(error, context);
    reportEnd(context, route, failure.status, failure);
    return refuse(failure, context);
  } finally {
    leave?.();
  }
}

/**
 * What a Dheera AI proxy behind this one says of its callers' keys and models is about this proxy's configuration. Its message stays.
 */
function asCallersSee(error: DheeraError): DheeraError {
  const code = error.provider === undefined ? undefined : codesOfUpstream[error.code];
  return code === undefined
    ? error
    : new DheeraError(code, `${error.provider}: ${error.message}`, { ...error, cause: error });
}

const codesOfUpstream: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  unauthenticated: "provider_auth",
  forbidden: "provider_auth",
  model_not_found: "provider_failed",
  rate_limited: "provider_rate_limited",
  budget_exceeded: "provider_rate_limited",
  internal: "provider_failed",
};

function refuse(failure: DheeraError, context: RequestContext): Response {
  if (failure.retryAfter !== undefined)
    context.headers["retry-after"] = String(Math.max(1, Math.ceil(failure.retryAfter)));
  if (failure.code === "unauthenticated") context.headers["www-authenticate"] = "Bearer";
  return answerJson(context, context.formatError(failure, context.callId), failure.status);
}

/** An error of the proxy itself. Its message goes to the log only, because it may quote a key or a document. */
function unexpected(error: unknown, { callId, gateway }: RequestContext): DheeraError {
  gateway.telemetry.log.error("a request failed unexpectedly", { call_id: callId, error });
  return new DheeraError("internal", `something went wrong here; the proxy's log has it under the call id ${callId}`, {
    cause: error,
  });
}

function reportEnd(
  { request, callId, gateway, started, caller, modelName, report, asked, isBackground }: RequestContext,
  route: string,
  status: number,
  failure?: DheeraError,
): void {
  gateway.telemetry.requestEnded?.({
    callId,
    method: request.method,
    route,
    status,
    durationMilliseconds: performance.now() - started,
    code: failure?.code,
    error: failure,
    provider: failure?.provider,
    caller: caller?.name,
    modelName,
    report,
    request: asked,
    isBackground,
  });
}
