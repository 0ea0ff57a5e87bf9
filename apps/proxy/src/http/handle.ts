import { DheeraError, type ErrorCode, isDheeraError } from "@dheera-ai/core";

import type { Caller } from "../access/caller.ts";
import { errorBody } from "../formats/error-body.ts";
import type { ErrorFormat } from "../formats/request-format.ts";
import type { GatewayRef } from "../gateway/gateway-ref.ts";
import type { Person } from "../sign-in/person.ts";
import { answerJson } from "./json-response.ts";
import type { RequestContext } from "./request-context.ts";

type Answer = Response | Promise<Response>;
/** A route's function as Hono calls it, which looks at nothing else of what Hono gives it. */
export type Handler = (received: Received) => Promise<Response>;
export interface Received {
  readonly req: { readonly raw: Request };
  readonly env: unknown;
}

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
  /** Serves whoever has a link that was signed. @param callerOf who made it; throws for a link that is not right */
  linked(
    route: string,
    callerOf: (context: RequestContext) => Promise<Caller>,
    run: (context: RequestContext, caller: Caller) => Answer,
  ): Handler;
  /**
   * As `guarded`, and to people in the session of a page, which shows what it answers. A session counts only for the pages of this
   * proxy, because some looks cost money.
   * @param mayLook whether a person may; who may not is told so
   */
  seen(
    route: string,
    run: (context: RequestContext, caller: Caller) => Answer,
    mayLook?: (person: Person) => boolean,
  ): Handler;
  /**
   * Serves people who manage: by a key, or by the session of a page, whose requests are checked against forgery. What they may
   * do is for the route to ask.
   */
  managed(route: string, run: (context: RequestContext, person: Person) => Answer): Handler;
}

/** Looks up the address of the peer that connected; undefined where the runtime does not know it. */
export type PeerAddress = (request: Request, env: unknown) => string | undefined;

export function createHandle(current: GatewayRef, peerAddress: PeerAddress): Handle {
  return {
    open: (route, run) => (received) => receive(createContext(current, received, errorBody), route, run),
    guarded:
      (route, run, formatError = errorBody) =>
      (received) => {
        const identifyAndRun = (context: RequestContext): Answer => {
          const { access } = context.gateway;
          const peer = (): string | undefined => peerAddress(context.request, context.env);
          access.checkAddress(context.request.headers, peer);
          const caller = access.identify(context.request.headers, peer);
          if (caller instanceof Promise) return caller.then((known) => run(context, (context.caller = known)));
          return run(context, (context.caller = caller));
        };
        const leave = current.gateway.inFlight.enter();
        return receive(createContext(current, received, formatError), route, identifyAndRun, leave);
      },
    linked: (route, callerOf, run) => (received) => {
      const checkAndRun = async (context: RequestContext): Promise<Response> => {
        const { request, env, gateway } = context;
        gateway.access.checkAddress(request.headers, () => peerAddress(request, env));
        context.caller = await callerOf(context);
        return run(context, context.caller);
      };
      const leave = current.gateway.inFlight.enter();
      return receive(createContext(current, received, errorBody), route, checkAndRun, leave);
    },
    seen:
      (route, run, mayLook = () => true) =>
      (received) => {
        const identifyAndRun = async (context: RequestContext): Promise<Response> => {
          const { request, env, gateway } = context;
          const peer = (): string | undefined => peerAddress(request, env);
          gateway.access.checkAddress(request.headers, peer);
          context.caller = await identifyOrSee(context, peer, mayLook);
          return run(context, context.caller);
        };
        const leave = current.gateway.inFlight.enter();
        return receive(createContext(current, received, errorBody), route, identifyAndRun, leave);
      },
    managed: (route, run) => (received) => {
      const identifyAndRun = async (context: RequestContext): Promise<Response> => {
        const { request, env, gateway } = context;
        const peer = (): string | undefined => peerAddress(request, env);
        gateway.access.checkAddress(request.headers, peer);
        const person = await gateway.people.identify(request, () => gateway.access.identify(request.headers, peer));
        context.caller = { id: person.name, name: person.name, isMaster: false, owners: [] };
        return run(context, person);
      };
      const leave = current.gateway.inFlight.enter();
      return receive(createContext(current, received, errorBody), route, identifyAndRun, leave);
    },
  };
}

/** The holder of a key, or else who is signed in. @throws DheeraError */
async function identifyOrSee(
  { request, gateway }: RequestContext,
  peer: () => string | undefined,
  mayLook: (person: Person) => boolean,
): Promise<Caller> {
  try {
    return await gateway.access.identify(request.headers, peer);
  } catch (error) {
    if (!isDheeraError(error) || error.code !== "unauthenticated") throw error;
    const site = request.headers.get("sec-fetch-site");
    const found = site === null || site === "same-origin" ? await gateway.people.signedIn(request) : undefined;
    if (!found) throw error;
    const { person } = found;
    if (!mayLook(person))
      throw new DheeraError("forbidden", `${person.name} may not see this; ask a proxy admin`, { cause: error });
    return await found.caller();
  }
}

function createContext(
  { gateway, state }: GatewayRef,
  { req, env }: Received,
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
    account: undefined,
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
  unavailable: "provider_failed",
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
  { request, callId, gateway, started, caller, modelName, report, asked, isBackground, account }: RequestContext,
  route: string,
  status: number,
  failure?: DheeraError,
): void {
  const milliseconds = performance.now() - started;
  account?.close({ callId, status, milliseconds, report });
  gateway.telemetry.requestEnded?.({
    callId,
    method: request.method,
    route,
    status,
    durationMilliseconds: milliseconds,
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
