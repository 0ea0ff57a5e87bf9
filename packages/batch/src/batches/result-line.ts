import { randomUUID } from "node:crypto";

import type { KeptLine } from "../contract.ts";

/** What a request of a batch was answered, as the HTTP route answers it. */
export interface LineAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly requestId?: string | undefined;
  /** US dollars. */
  readonly cost?: number | undefined;
  /**
   * Why nothing can be answered now: every deployment is down, or a limit of the key is reached. The batch pauses with this text, which
   * its owner reads, and asks this line again.
   */
  readonly retryLater?: string | undefined;
  /** With `retryLater`: servers have refused the line, which may be its own fault where they serve others. */
  readonly isRefusal?: boolean | undefined;
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfter?: number | undefined;
}

/** Why a line has no answer. */
export interface LineFailure {
  readonly code: string;
  readonly message: string;
  readonly param?: string | undefined;
  /** Of the input, from 1: for lines whose custom_id cannot be read. */
  readonly line?: number | undefined;
}

/** The line of the output, or of the error file where its status says so. */
export function answeredLine(line: number, customId: string, answer: LineAnswer): KeptLine {
  const id = newRequestId();
  const { status, body, requestId = id, cost } = answer;
  const response = { status_code: status, request_id: requestId, body };
  return {
    line,
    isError: status < 200 || status > 299,
    text: JSON.stringify({ id, custom_id: customId, response, error: null }),
    ...(cost !== undefined && { cost }),
  };
}

/** The line of the error file for what was never answered. */
export function failedLine(line: number, customId: string | undefined, failure: LineFailure): KeptLine {
  const { code, message, param, line: number } = failure;
  const error = { code, message, ...(param !== undefined && { param }), ...(number !== undefined && { line: number }) };
  return {
    line,
    isError: true,
    text: JSON.stringify({ id: newRequestId(), custom_id: customId ?? null, response: null, error }),
  };
}

function newRequestId(): string {
  return `batch_req_${randomUUID().replaceAll("-", "")}`;
}
