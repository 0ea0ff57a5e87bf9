import type { Reached, Throughput } from "./examination.ts";
import { recommendSettings } from "./recommend-settings.ts";

/** What was measured, from which recommendations are derived. */
export type Findings = Omit<Reached, "recommendations">;

/** Returns the settings worth changing, each with its reason; none when nothing needs a change. */
export function recommend(found: Findings): string[] {
  return rules.flatMap((rule) => rule(found) ?? []);
}

type Rule = (found: Findings) => string | readonly string[] | undefined;

const rules: readonly Rule[] = [
  smallerCalls,
  largerCalls,
  boundInFlight,
  coldStartTimeout,
  timeForMany,
  longDocuments,
  repeatableScores,
  encryptedKey,
  ({ settings }) => settings && recommendSettings(settings),
];

/** Larger calls that take longer per document: the server pads or swaps. Calls of listwise models cannot be split. */
function smallerCalls({ throughput, scoring }: Findings): string | undefined {
  if (scoring === "listwise") return undefined;
  const single = throughput.filter(({ calls }) => calls === 1);
  const best = fastest(single);
  const largest = single.at(-1);
  if (!best || !largest || largest.documents_per_second >= 0.8 * best.documents_per_second) return undefined;
  return `max_documents_per_call: ${best.documents} (calls of ${best.documents} make ${Math.round(best.documents_per_second)} documents a second, calls of ${largest.documents} only ${Math.round(largest.documents_per_second)})`;
}

/** Calls at the server's limit that are still getting faster per document. */
function largerCalls({ throughput, limits }: Findings): string | undefined {
  const limit = limits.documents_per_call;
  const [before, last] = throughput.filter(({ calls }) => calls === 1).slice(-2);
  if (limit === undefined || !before || !last || last.documents !== limit) return undefined;
  if (last.documents_per_second < 1.5 * before.documents_per_second) return undefined;
  return `raise the server's own limit of ${limit} documents a call (--max-client-batch-size of Text Embeddings Inference): larger calls are still getting faster`;
}

function boundInFlight({ throughput, limits, api_base }: Findings): string | undefined {
  const best = fastest(throughput);
  if (limits.documents_in_flight !== undefined || !best || api_base === undefined) return undefined;
  // Two seconds of work keep the server busy, and the wait of a new request short.
  const documents = Math.max(1, Math.ceil(best.documents_per_second * 2));
  return `max_documents_in_flight: ${documents} (the server names no limit of its own; this is two seconds of its work)`;
}

function coldStartTimeout({ state, first_answer_ms }: Findings): string | undefined {
  if (state !== "cold") return undefined;
  const seconds = Math.ceil((first_answer_ms * 2) / 1000);
  return `timeout: ${seconds} at least, or a fallback (the server had to start, and its first answer took ${(first_answer_ms / 1000).toFixed(1)} s)`;
}

/** A server on which a large request takes longer than callers expect. */
function timeForMany({ throughput }: Findings): string | undefined {
  const best = fastest(throughput);
  if (!best) return undefined;
  const seconds = Math.ceil(1000 / best.documents_per_second);
  if (seconds <= 10) return undefined;
  return `timeout: ${seconds * 2} at least for requests of 1,000 documents, or more replicas (they take about ${seconds} s here)`;
}

function longDocuments({ limits }: Findings): string | undefined {
  const tokens = limits.tokens_per_document;
  if (tokens === undefined || tokens > 1024) return undefined;
  return `long_documents: chunk_max if documents are long (query and document beyond ${tokens} tokens are cut)`;
}

function repeatableScores({ score_difference }: Findings): string | undefined {
  if (score_difference === undefined || score_difference <= 1e-3) return undefined;
  return `cache: true (the same pair's score changes by up to ${score_difference.toPrecision(2)} from call to call; cached scores do not)`;
}

function encryptedKey({ auth, api_base }: Findings): string | undefined {
  if (auth !== "accepted" || api_base === undefined) return undefined;
  const { protocol, hostname } = new URL(api_base);
  if (protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127."))
    return undefined;
  return "https in api_base (the key travels unencrypted)";
}

function fastest(measured: readonly Throughput[]): Throughput | undefined {
  return measured.toSorted((a, b) => b.documents_per_second - a.documents_per_second)[0];
}
