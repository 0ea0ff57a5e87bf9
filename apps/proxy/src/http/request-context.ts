import type { RequestReport, RerankRequest } from "@dheera-ai/core";

import type { Caller } from "../access/caller.ts";
import type { Account } from "../access/spending/accounts.ts";
import type { ErrorFormat } from "../formats/request-format.ts";
import type { GatewayRef } from "../gateway/gateway-ref.ts";
import type { Gateway } from "../gateway/gateway.ts";

/** One HTTP request while the proxy answers it. */
export interface RequestContext {
  readonly request: Request;
  /** What the runtime hands over beside the request. */
  readonly env: unknown;
  readonly callId: string;
  /** The gateway that was current when the request arrived; a reload does not change it. */
  readonly gateway: Gateway;
  readonly state: GatewayRef["state"];
  /** `performance.now()` when the request arrived. */
  readonly started: number;
  /** Sent with the answer, also when the answer is an error. */
  readonly headers: ResponseHeaders;
  /** Formats an error for the client; clients of other servers read other formats. */
  formatError: ErrorFormat;
  /** Set once access has identified the caller. */
  caller?: Caller;
  /** A configured model name, once the request has named one. */
  modelName?: string;
  /** The rerank request as core takes it. */
  asked?: RerankRequest;
  /** A page repeats this request by itself. */
  isBackground?: boolean;
  /** US dollars that the answer cost, where that is known. */
  cost?: number | undefined;
  /** What happened to the rerank request in core: retries, fallbacks, batches, times. */
  report?: RequestReport;
  /** What is booked of the rerank request when it has ended. */
  account?: Account;
}

/** Headers as plain data: on Node.js the server then writes them without making a `Headers` object. */
export type ResponseHeaders = Record<string, string>;
