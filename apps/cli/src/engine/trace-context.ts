import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingHttpHeaders } from "node:http";

type TraceHeaders = Readonly<Record<string, string>>;

/** Carries W3C trace headers from a request to the calls that are made for it. Costs nothing where a request has none. */
export interface TraceContext {
  run<T>(headers: IncomingHttpHeaders, request: () => T): T;
  /** Of the request that the caller works for. */
  headers(): TraceHeaders | undefined;
}

export function createTraceContext(): TraceContext {
  const storage = new AsyncLocalStorage<TraceHeaders>();
  return {
    run({ traceparent, tracestate }, request) {
      if (typeof traceparent !== "string") return request();
      return storage.run({ traceparent, ...(typeof tracestate === "string" && { tracestate }) }, request);
    },
    headers: () => storage.getStore(),
  };
}
