import type { SentTexts, Upstream, UpstreamRequest } from "./subject.ts";

/** A request for scores as it reached the server. */
export interface ScoreRequest extends UpstreamRequest {
  readonly query: string;
  readonly documents: readonly string[];
}

/** The request with its texts, where `readRequest` finds them; undefined for a request that is for something else. */
export function asScoreRequest(upstream: Upstream, request: UpstreamRequest): ScoreRequest | undefined {
  const sent = readTexts(upstream, request);
  if (sent instanceof Error || typeof sent.query !== "string" || !isTexts(sent.documents)) return undefined;
  return { ...request, query: sent.query, documents: sent.documents };
}

/**
 * Why nothing that arrived was a request for scores, though something was sent: what `readRequest` must give, and what it
 * gave. Undefined where that is not the reason. Whatever else a test then says follows from it.
 */
export function whyUnread(upstream: Upstream, requests: readonly UpstreamRequest[]): string | undefined {
  const last = requests.findLast(({ text }) => text !== "");
  if (last === undefined || requests.some((request) => asScoreRequest(upstream, request))) return undefined;
  const keys = Object.keys(last.body);
  const body = keys.length > 0 ? `has the keys ${keys.join(", ")}` : "is no JSON object with keys";
  return `readRequest must give { query: a text, documents: a list of texts } for a request for scores; for ${last.method} ${last.path}, whose body ${body}, it ${describeSent(readTexts(upstream, last))}`;
}

/** An error in it must not leave the request without an answer. */
function readTexts(upstream: Upstream, request: UpstreamRequest): SentTexts | Error {
  try {
    return upstream.readRequest(request);
  } catch (error) {
    return error instanceof Error ? error : new Error("not an error", { cause: error });
  }
}

function describeSent(sent: SentTexts | Error): string {
  if (sent instanceof Error) return `threw ${sent.name}`;
  return `gave { query: ${describe(sent.query)}, documents: ${describe(sent.documents)} }`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return isTexts(value) ? "a list of texts" : "a list, but not of texts";
  if (typeof value === "string") return "a text";
  return value === undefined || value === null ? String(value) : `of type ${typeof value}`;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
