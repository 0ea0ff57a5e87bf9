import type { JsonDocument } from "@dheera-ai/core";
import * as v from "valibot";

import { Failure } from "../../errors.ts";
import { linesOf } from "../reading/lines-of.ts";
import type { AskedRequest, BatchFailure, BatchResult, RankedDocument } from "../writing/batch-result.ts";
import { readCustomId } from "./custom-id.ts";

/** Lines are as long as answers are; what a batch has written is trusted to be lines. */
const mostBytes = 1_000_000_000;

/**
 * The results in an output file, in its order, which is that of the input.
 * @param input the file that was uploaded, where each result is to have its request
 * @throws Failure where it is no such file
 */
export async function* resultsOf(
  output: AsyncIterable<Uint8Array>,
  input: AsyncIterable<Uint8Array> | undefined,
): AsyncGenerator<BatchResult> {
  const requests = input && requestsOf(input);
  try {
    for await (const text of textsOf(output)) {
      const { id: resultId, custom_id: customId, response } = parse(outputSchema, text);
      const item = readCustomId(customId);
      if (!item) throw foreign();
      const request = requests && (await findRequest(requests, customId));
      yield {
        ...item,
        resultId,
        requestId: response.request_id ?? undefined,
        status: response.status_code,
        body: response.body,
        ranking: rankingOf(response.body),
        request,
      };
    }
  } finally {
    await requests?.return(undefined);
  }
}

/** What failed, in the order of the input. */
export async function* failuresOf(errors: AsyncIterable<Uint8Array>): AsyncGenerator<BatchFailure> {
  for await (const text of textsOf(errors)) {
    const { custom_id: customId, response, error } = parse(errorSchema, text);
    const item = readCustomId(customId ?? "");
    if (!item) throw foreign();
    const { line, id } = item;
    const status = response?.status_code;
    const said = v.safeParse(bodySchema, response?.body);
    const { code, message } = error ??
      (said.success ? said.output.error : undefined) ?? { code: "unknown", message: "the answer says no reason" };
    yield {
      line,
      ...(id !== undefined && { id }),
      error: { code: code ?? "unknown", message, ...(status && { status }) },
    };
  }
}

/** Items of the input that were no requests, as they were noted. */
export async function* brokenItemsOf(noted: AsyncIterable<Uint8Array>): AsyncGenerator<BatchFailure> {
  for await (const text of textsOf(noted)) {
    const { line, id, problem } = parse(brokenSchema, text);
    yield { line, ...(id !== undefined && { id }), error: { code: "invalid_request", message: problem } };
  }
}

/** Both in the order of their lines. */
export async function* inOrder(
  one: AsyncGenerator<BatchFailure>,
  other: AsyncGenerator<BatchFailure>,
): AsyncGenerator<BatchFailure> {
  let [first, second] = [await one.next(), await other.next()];
  while (first.done !== true || second.done !== true) {
    if (second.done === true || (first.done !== true && first.value.line <= second.value.line)) {
      if (first.done !== true) yield first.value;
      first = await one.next();
    } else {
      yield second.value;
      second = await other.next();
    }
  }
}

async function* textsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const { text } of linesOf(bytes, mostBytes)) {
    if (text === undefined) throw foreign();
    yield text;
  }
}

interface UploadedRequest {
  readonly customId: string;
  readonly request: AskedRequest;
}

async function* requestsOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<UploadedRequest, undefined> {
  for await (const text of textsOf(input)) {
    const { custom_id: customId, body } = parse(inputSchema, text);
    yield { customId, request: { ...body, documents: body.documents.filter(isDocument) } };
  }
  return undefined;
}

/** Those before it have failed. */
async function findRequest(
  requests: AsyncGenerator<UploadedRequest, undefined>,
  customId: string,
): Promise<AskedRequest> {
  for (;;) {
    const { value } = await requests.next();
    if (value === undefined) throw foreign();
    if (value.customId === customId) return value.request;
  }
}

function isDocument(value: unknown): value is JsonDocument {
  return typeof value === "string" || (typeof value === "object" && value !== null && !Array.isArray(value));
}

function rankingOf(body: Readonly<Record<string, unknown>>): readonly RankedDocument[] {
  const read = v.safeParse(rankingSchema, body["results"]);
  if (!read.success) throw foreign();
  return read.output.map(({ index, relevance_score: score }) => ({ index, score }));
}

const record = v.record(v.string(), v.unknown());
const outputSchema = v.object({
  id: v.string(),
  custom_id: v.string(),
  response: v.object({ status_code: v.number(), request_id: v.nullish(v.string()), body: record }),
});
const errorSchema = v.object({
  custom_id: v.nullable(v.string()),
  response: v.nullish(v.object({ status_code: v.number(), body: v.unknown() })),
  error: v.nullish(v.object({ code: v.nullish(v.string()), message: v.string() })),
});
const bodySchema = v.object({ error: v.object({ code: v.nullish(v.string()), message: v.string() }) });
const brokenSchema = v.object({ line: v.number(), id: v.optional(v.string()), problem: v.string() });
const inputSchema = v.object({
  custom_id: v.string(),
  body: v.object({ model: v.string(), query: v.string(), documents: v.array(v.unknown()) }),
});
const rankingSchema = v.array(v.object({ index: v.number(), relevance_score: v.number() }));

function parse<Value>(schema: v.GenericSchema<unknown, Value>, text: string): Value {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    // The reason would quote the text.
    throw foreign();
  }
}

function foreign(): Failure {
  return new Failure("the results are not those of this batch; --overwrite begins anew");
}
