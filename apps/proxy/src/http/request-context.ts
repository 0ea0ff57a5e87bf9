import type { RequestReport, RerankRequest } from "@dheera-ai/core";

import type { Caller } from "../access/access.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { type ResponseHeaders, jsonResponse } from "./json-response.ts";
import type { GatewayRef } from "../gateway/gateway-ref.ts";
import type { ErrorFormat } from "../formats/request-format.ts";
import { addReport } from "../formats/report-headers.ts";

/** One request on its way through the proxy. */
export interface RequestContext {
  readonly request: Request;
  /** What the runtime gave beside the request. */
  readonly env: unknown;
  readonly callId: string;
  /** The gateway that was current when the request came; it stays the same to the end. */
  readonly gateway: Gateway;
  readonly state: GatewayRef["state"];
  /** `performance.now()` when it came. */
  readonly started: number;
  /** Sent with the answer, also when that is an error. */
  readonly headers: ResponseHeaders;
  /** How an error is told; clients of other servers read other shapes. */
  formatError: ErrorFormat;
  /** Who was let in. */
  caller?: Caller;
  /** A configured model name, once the request has named one. */
  modelName?: string;
  /** What a rerank request asks for. */
  asked?: RerankRequest;
  /** What a rerank request went through. */
  report?: RequestReport;
}

/** Answers a visit in JSON, with everything its headers should tell. */
export function respond({ headers, report, started }: RequestContext, body: unknown, status = 200): Response {
  if (report) addReport(headers, report, performance.now() - started);
  return jsonResponse(body, status, headers);
}
