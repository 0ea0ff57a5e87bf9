import { requestFields } from "./request-schema.ts";

/** Fields that are named one by one; more than that were not typed by hand. */
const mostNamed = 5;
/** A longer name, or one of other characters, is not repeated: it may be anything. */
const identifier = /^[\w-]{1,40}$/;

/**
 * A warning for each field of a request that nothing reads, with the field that was probably meant: a misspelt option
 * would otherwise change nothing without a word. What known clients send to other servers is passed over.
 */
export function warnOfUnknownFields(input: object): readonly string[] {
  const warnings: string[] = [];
  for (const name in input) {
    if (requestFields.has(name) || harmless.has(name) || Reflect.get(input, name) == null) continue;
    if (warnings.length === mostNamed) return [...warnings, "and other unknown fields had no effect"];
    warnings.push(warningOf(name));
  }
  return warnings;
}

function warningOf(name: string): string {
  if (!identifier.test(name)) return "an unknown field had no effect";
  const meant = nearest(name);
  return `unknown field ${name} had no effect${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

/** What other servers call our fields. */
const synonyms: Readonly<Record<string, string>> = {
  limit: "top_n",
  maxresults: "top_n",
  returntext: "return_documents",
  returninput: "return_documents",
  threshold: "min_score",
  scorethreshold: "min_score",
  truncation: "truncate",
  truncationside: "truncation_direction",
  instruct: "instruction",
};

function nearest(name: string): string | undefined {
  const word = lettersOf(name);
  if (Object.hasOwn(synonyms, word)) return synonyms[word];
  const most = Math.max(1, Math.floor(word.length / 4));
  let best: { readonly field: string; readonly distance: number } | undefined;
  for (const field of requestFields) {
    const distance = editDistance(word, lettersOf(field));
    if (distance <= most && (!best || distance < best.distance)) best = { field, distance };
  }
  return best?.field;
}

/** `topN`, `top-n` and `top_n` are one name. */
function lettersOf(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

/** Letters to insert, delete or replace (Levenshtein); of short words. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (one[line - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** Fields without a meaning for a ranking here, by who sends them. */
const harmless: ReadonlySet<string> = new Set([
  // OpenAI's clients: the end user, and defaults of their other requests.
  "user",
  "metadata",
  "stream",
  "store",
  "encoding_format",
  "service_tier",
  // LiteLLM's library and router: notes for its logs, and how it calls its own upstreams.
  "tags",
  "litellm_metadata",
  "litellm_call_id",
  "litellm_trace_id",
  "litellm_session_id",
  "litellm_logging_obj",
  "proxy_server_request",
  "drop_params",
  "additional_drop_params",
  "num_retries",
  "max_retries",
  "mock_response",
  "no-log",
  "guardrails",
  "input",
  // Tracing of callers.
  "request_id",
  "session_id",
  "trace_id",
  // Xinference's clients, with false or nothing in them.
  "return_len",
  "kwargs",
]);
