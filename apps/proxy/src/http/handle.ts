import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { Context } from "hono";

import type { Caller } from "../access/access.ts";
import { callIdOf } from "./call-id.ts";
import type { Serving } from "../gateway/gateway-ref.ts";
import { errorBody } from "../formats/error-body.ts";
import { type Visit, respond } from "./request-context.ts";

type Answer = Response | Promise<Response>;
type Handler = (context: Context) => Promise<Response>;

/** Ways in: whatever happens behind one, the answer is JSON with a call id, and telemetry is told. */
export interface Doors {
  /** For everybody: health probes. */
  open(route: string, handle: (visit: Visit) => Answer): Handler;
  /** For callers that the gateway lets in. */
  guarded(route: string, handle: (visit: Visit, caller: Caller) => Answer): Handler;
}

/** Tells the address of the peer that connected; undefined where the runtime does not. */
export type PeerAddress = (request: Request, env: unknown) => string | undefined;

export function createDoors(serving: Serving, peerAddress: PeerAddress): Doors {
  return {
    open: (route, handle) => (context) => receive(openVisit(serving, context), route, handle),
    guarded: (route, handle) => (context) => {
      const letIn = (visit: Visit): Answer => {
        const { access } = visit.gateway;
        const peer = (): string | undefined => peerAddress(visit.request, visit.env);
        access.checkAddress(visit.request.headers, peer);
        visit.caller = access.identify(visit.request.headers, peer);
        return handle(visit, visit.caller);
      };
      const leave = serving.gateway.underWay.enter();
      return receive(openVisit(serving, context), route, letIn, leave);
    },
  };
}

function openVisit({ gateway, state }: Serving, { req, env }: Context): Visit {
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
    shapeError: errorBody,
  };
}

/** `leave` is told when the request has been answered. */
function receive(visit: Visit, route: string, handle: (visit: Visit) => Answer, leave?: () => void): Promise<Response> {
  const { callId, gateway, request } = visit;
  const { telemetry } = gateway;
  telemetry.requestStarted?.();
  if (!telemetry.around) return serve(visit, route, handle, leave);
  const start = { callId, method: request.method, route, headers: request.headers };
  return telemetry.around(start, () => serve(visit, route, handle)).finally(leave);
}

async function serve(
  visit: Visit,
  route: string,
  handle: (visit: Visit) => Answer,
  leave?: () => void,
): Promise<Response> {
  try {
    const response = await handle(visit);
    tell(visit, route, response.status);
    return response;
  } catch (error) {
    const failure = isDheeraError(error) && error.code !== "internal" ? error : unforeseen(error, visit);
    tell(visit, route, failure.status, failure);
    return refuse(failure, visit);
  } finally {
    leave?.();
  }
}

function refuse(failure: DheeraError, visit: Visit): Response {
  if (failure.retryAfter !== undefined)
    visit.headers["retry-after"] = String(Math.max(1, Math.ceil(failure.retryAfter)));
  if (failure.code === "unauthenticated") visit.headers["www-authenticate"] = "Bearer";
  return respond(visit, visit.shapeError(failure, visit.callId), failure.status);
}

/** A fault of ours: its words are for the log alone. */
function unforeseen(error: unknown, { callId, gateway }: Visit): DheeraError {
  gateway.telemetry.log.error("a request failed unexpectedly", { call_id: callId, error });
  return new DheeraError("internal", `something went wrong here; the proxy's log has it under the call id ${callId}`, {
    cause: error,
  });
}

function tell(
  { request, callId, gateway, started, caller, modelName, report, asked }: Visit,
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
