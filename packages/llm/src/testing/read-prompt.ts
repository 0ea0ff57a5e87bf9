import type { UpstreamRequest } from "@dheera-ai/core/testing";

/** What a prompt of this package asks about, as a server reads it from the request's body. */
export interface ReadPrompt {
  readonly query: string;
  readonly documents: readonly string[];
}

/** Undefined for a request that is none of this package's. */
export function readPrompt({ body }: Pick<UpstreamRequest, "body">): ReadPrompt | undefined {
  const raw = body["prompt"];
  if (typeof raw === "string") return readRaw(raw);
  const user = userMessage(body["messages"]);
  if (user === undefined) return undefined;
  const lines = user.split("\n");
  const query = jsonAfter("Query: ", lines);
  const single = jsonAfter("Document: ", lines);
  if (query === undefined) return undefined;
  const rows = lines.filter((line) => line.startsWith('{"id":')).map((line): unknown => JSON.parse(line));
  const documents = rows.map((row, position) => textOfRow(row, position + 1));
  return { query, documents: single === undefined ? documents : [single] };
}

/** The text of the last message. */
export function userMessage(messages: unknown): string | undefined {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const content = typeof last === "object" && last !== null && "content" in last ? last.content : undefined;
  return typeof content === "string" ? content : undefined;
}

function readRaw(prompt: string): ReadPrompt | undefined {
  const [, query, document] =
    /\n<Query>: ([^]*)\n<Document>: ([^]*)<\|im_end\|>\n<\|im_start\|>assistant\n<think>\n\n<\/think>\n\n$/.exec(
      prompt,
    ) ?? [];
  return query === undefined || document === undefined ? undefined : { query, documents: [document] };
}

function jsonAfter(start: string, lines: readonly string[]): string | undefined {
  const line = lines.find((one) => one.startsWith(start));
  const value: unknown = line === undefined ? undefined : JSON.parse(line.slice(start.length));
  return typeof value === "string" ? value : undefined;
}

function textOfRow(row: unknown, id: number): string {
  if (typeof row === "object" && row !== null && "id" in row && row.id === id && "text" in row)
    if (typeof row.text === "string") return row.text;
  throw new Error(`the row of document ${id} is another one`);
}
