import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { Context } from "hono";

import type { Caller } from "../access/access.ts";
import { callIdOf } from "./call-id.ts";
import type { GatewayRef } from "../gateway/gateway-ref.ts";
import { errorBody } from "../formats/error-body.ts";
import { type RequestContext, respond } from "./request-context.ts";

type Answer = Response | Promise<Response>;
type Handler = (context: Context) => Promise<Response>;

/** Ways in: whatever happens behind one, the answer is JSON with a call id, and telemetry is told. */
export interface Handle {
  /** For everybody: health probes. */
  open(route: string, handle: (context: RequestContext) => Answer): Handler;
  /** For callers that the gateway lets in. */
  guarded(route: string, handle: (context: RequestContext, caller: Caller) => Answer): Handler;
}

/** Tells the address of the peer that connected; undefined where the runtime does not. */
export type PeerAddress = (request: Request, env: unknown) => string | undefined;

export function createHandle(serving: GatewayRef, peerAddress: PeerAddress): Handle {
  return {
    open: (route, handle) => (context) => receive(createRequestContext(serving, context), route, handle),
    guarded: (route, handle) => (context) => {
      const letIn = (context: RequestContext): Answer => {
        const { access } = context.gateway;
        const peer = (): string | undefined => peerAddress(context.request, context.env);
        access.checkAddress(context.request.headers, peer);
        context.caller = access.identify(context.request.headers, peer);
        return handle(context, context.caller);
      };
      const leave = serving.gateway.inFlight.enter();
      return receive(createRequestContext(serving, context), route, letIn, leave);
    },
  };
}

function createRequestContext({ gateway, state }: GatewayRef, { req, env }: Context): RequestContext {
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
    formatError: errorBody,
  };
}

/** `leave` is told when the request has been answered. */
function receive(
  context: RequestContext,
  route: string,
  handle: (context: RequestContext) => Answer,
  leave?: () => void,
): Promise<Response> {
  const { callId, gateway, request } = context;
  const { telemetry } = gateway;
  telemetry.requestStarted?.();
  if (!telemetry.around) return serve(context, route, handle, leave);
  const start = { callId, method: request.method, route, headers: request.headers };
  return telemetry.around(start, () => serve(context, route, handle)).finally(leave);
}

async function serve(
  context: RequestContext,
  route: string,
  handle: (context: RequestContext) => Answer,
  leave?: () => void,
): Promise<Response> {
  try {
    const response = await handle(context);
    tell(context, route, response.status);
    return response;
  } catch (error) {
    const failure = isDheeraError(error) && error.code !== "internal" ? error : unforeseen(error, context);
    tell(context, route, failure.status, failure);
    return refuse(failure, context);
  } finally {
    leave?.();
  }
}

function refuse(failure: DheeraError, context: RequestContext): Response {
  if (failure.retryAfter !== undefined)
    context.headers["retry-after"] = String(Math.max(1, Math.ceil(failure.retryAfter)));
  if (failure.code === "unauthenticated") context.headers["www-authenticate"] = "Bearer";
  return respond(context, context.formatError(failure, context.callId), failure.status);
}

/** A fault of ours: its words are for the log alone. */
function unforeseen(error: unknown, { callId, gateway }: RequestContext): DheeraError {
  gateway.telemetry.log.error("a request failed unexpectedly", { call_id: callId, error });
  return new DheeraError("internal", `something went wrong here; the proxy's log has it under the call id ${callId}`, {
    cause: error,
  });
}

function tell(
  { request, callId, gateway, started, caller, modelName, report, asked }: RequestContext,
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
  });
}
