import { type BatchItem, type BatchRequest } from "./batch-item.ts";
import { linesOf } from "./lines-of.ts";

/**
 * A request a line: `{"query", "documents", "top_n"?, "id"?}`, with any field of `POST /v1/rerank`, or a line of OpenAI's batches, whose
 * `body` has them. A line that is neither is broken by itself.
 */
export async function* readJsonl(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<BatchItem> {
  for await (const { number, text, problem } of linesOf(bytes, most))
    yield text === undefined ? { line: number, problem: problem ?? notJson } : itemOf(text, number);
}

const notJson = 'it is not a JSON object: {"query": "…", "documents": ["…"]}';

function itemOf(text: string, line: number): BatchItem {
  const value = parse(text);
  if (!isRecord(value)) return { line, problem: notJson };
  return "body" in value && !("query" in value) ? ofBatchLine(value, line) : ofRequest(value, line);
}

function ofRequest({ id: given, ...body }: Readonly<Record<string, unknown>>, line: number): BatchItem {
  const id = given === undefined || given === null ? undefined : asId(given);
  if (id === "") return { line, problem: `"id" must be a text of 1 to ${mostIdCharacters} characters, or a number` };
  return checked({ line, id, body });
}

/** As OpenAI's guide has it: `{"custom_id", "method": "POST", "url": "/v1/rerank", "body"}`. */
function ofBatchLine(value: Readonly<Record<string, unknown>>, line: number): BatchItem {
  const { custom_id: customId, method = "POST", url = "/v1/rerank", body } = value;
  const id = asId(customId);
  if (id === "") return { line, problem: `"custom_id" must be a text of 1 to ${mostIdCharacters} characters` };
  const refuse = (problem: string): BatchItem => ({ line, id, problem });
  if (method !== "POST") return refuse('"method" must be POST');
  if (typeof url !== "string" || !/^(?:\/v[12])?\/rerank$/.test(url)) return refuse('"url" must be /v1/rerank');
  if (!isRecord(body)) return refuse('"body" must be an object with query and documents');
  return checked({ line, id, body, isBatchLine: true });
}

function checked(request: BatchRequest): BatchItem {
  const { line, id, body } = request;
  if (typeof body["query"] !== "string") return { line, id, problem: '"query" must be a text' };
  if (!Array.isArray(body["documents"])) return { line, id, problem: '"documents" must be a list of texts or objects' };
  return request;
}

/** Behind the number of a line it has to fit into a custom_id. Empty where it is no id. */
function asId(value: unknown): string {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value.length <= mostIdCharacters ? value : "";
}

export const mostIdCharacters = 480;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
