import * as v from "valibot";

import type { CacheControls, DiversifyOptions, JsonDocument, Priority, RerankRequest } from "./api.ts";
import type { ScoreParams } from "../contract.ts";
import { DheeraError } from "../errors.ts";
import { readFallbacks } from "./read-fallbacks.ts";
import { ownOptions } from "./own-options.ts";
import { renderFields, renderRecord } from "./render-record.ts";
import { mostRankFields, noCacheControls, noDiversity, noSpanOptions, requestSchema } from "./request-schema.ts";
import { warnOfUnknownFields } from "./unknown-fields.ts";
import type { RequestLimits } from "../routing/settings.ts";

/** A request after its check; every later step works on it. */
export interface CheckedRequest {
  readonly model: string;
  readonly query: string;
  /** As the caller sent them, for `return_documents`. */
  readonly documents: readonly JsonDocument[];
  /** What is scored: one text a document. */
  readonly texts: readonly string[];
  /** All documents when the caller named no number. */
  readonly topN: number;
  readonly returnDocuments: boolean;
  readonly params: ScoreParams;
  readonly longDocuments?: "truncate" | "chunk_max";
  readonly maxChunksPerDocument: number;
  readonly normalize?: "none" | "sigmoid";
  readonly minScore?: number;
  /** `null`: none, also where the entry has one. */
  readonly diversify?: DiversifyOptions | null;
  readonly onDocumentError?: "fail" | "warn";
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cache: CacheControls;
  readonly explain: boolean;
  /** Model names in place of the configured fallbacks; empty where none may serve. */
  readonly fallbacks?: readonly string[];
  readonly priority?: Priority;
  /** Seconds. */
  readonly timeout?: number;
  readonly apiBase?: string;
  readonly apiKey?: string;
  /** For the caller: fields that had no effect. */
  readonly warnings: readonly string[];
  /** Where it is a part of the caller's request: which of the caller's documents each of its documents is. */
  readonly part?: readonly number[];
  /** A combined model reads the order alone, which a calibration would blur. */
  readonly uncalibrated?: boolean;
}

/** Documents of a request, or their chunks, where no other number is set. */
export const defaultMaxDocuments = 10_000;
const defaultChunks = 10;

/**
 * Checks what came from outside; no other step does. What a request may cost here is bounded by its size: lists are
 * looked at by their length first and no further than the first mistake, and a field is rendered once.
 * @throws DheeraError `invalid_request`, naming every field at fault, ten at most.
 */
export function parseRequest(input: unknown, limits: RequestLimits = {}): CheckedRequest {
  const parsed = v.safeParse(requestSchema, input);
  if (!parsed.success) throw invalid(parsed.issues);
  const request: RerankRequest = parsed.output;
  const documents = checkDocuments(request.documents, limits.maxDocuments ?? defaultMaxDocuments);
  const rankFields = checkRankFields(request.rank_fields ?? undefined);
  if (isList(input, "cache")) throw invalidField("cache", noCacheControls);
  if (isList(input, "diversify")) throw invalidField("diversify", noDiversity);
  if (isList(input, "relevant_spans")) throw invalidField("relevant_spans", noSpanOptions);
  if (limits.allowDestination === false) refuseDestination(request);
  const { texts, lacking } = renderDocuments(documents, rankFields);

  return {
    model: request.model,
    query: wellFormed(request.query),
    documents,
    texts,
    topN: Math.min(request.top_n ?? request.top_k ?? documents.length, documents.length),
    returnDocuments: request.return_documents ?? false,
    params: paramsOf(request),
    maxChunksPerDocument: Math.min(
      request.max_chunks_per_doc ?? defaultChunks,
      limits.maxChunksPerDocument ?? Infinity,
    ),
    providerOptions: request.provider_options ? ownOptions(request.provider_options) : undefined,
    cache: request.cache ?? {},
    explain: request.explain ?? false,
    fallbacks: fallbacksOf(request),
    longDocuments: request.long_documents ?? undefined,
    normalize: request.normalize ?? undefined,
    minScore: request.min_score ?? undefined,
    diversify: request.diversify,
    onDocumentError: request.on_document_error ?? undefined,
    priority: request.priority ?? undefined,
    timeout: request.timeout ?? undefined,
    apiBase: request.api_base ?? undefined,
    apiKey: request.api_key ?? undefined,
    warnings: warningsOf(request, input, lacking, limits),
  };
}

/** What the request asks for without effect. */
function warningsOf(
  request: RerankRequest,
  input: unknown,
  lacking: number,
  { maxChunksPerDocument: mostChunks = Infinity }: RequestLimits,
): readonly string[] {
  const { top_n: topN, top_k: topK, max_chunks_per_doc: chunks } = request;
  const warnings = typeof input === "object" && input !== null ? [...warnOfUnknownFields(input)] : [];
  if (topN != null && topK != null && topN !== topK)
    warnings.push("top_k had no effect: it is another name of top_n, which is given too");
  if (chunks != null && chunks > mostChunks)
    warnings.push(`max_chunks_per_doc: ${mostChunks} are the most that the operator allows`);
  if (isContradicted(request))
    warnings.push("truncation_direction had no effect: truncate names the other end, and wins");
  if (lacking > 0)
    warnings.push(
      `rank_fields: ${lacking} of the documents ${lacking === 1 ? "has" : "have"} none of these fields and ${lacking === 1 ? "was" : "were"} ranked as without rank_fields`,
    );
  return warnings;
}

function fallbacksOf({
  model,
  fallbacks,
  disable_fallbacks: areDisabled,
}: RerankRequest): readonly string[] | undefined {
  // Checked also where they are disabled: a field has one meaning.
  const named = fallbacks ? readFallbacks(fallbacks, model) : undefined;
  return areDisabled ? [] : named;
}

/** `START` and `END` say at once that text is cut and where. */
function truncationOf({ truncate, truncation_direction: direction }: RerankRequest): ScoreParams {
  if (truncate === "START" || truncate === "END")
    return { truncate: true, truncationDirection: truncate === "START" ? "left" : "right" };
  return {
    truncate: truncate === "NONE" ? false : (truncate ?? undefined),
    truncationDirection: direction ?? undefined,
  };
}

/** Whether `truncate` and `truncation_direction` name different ends. */
function isContradicted({ truncate, truncation_direction: direction }: RerankRequest): boolean {
  return (truncate === "START" && direction === "right") || (truncate === "END" && direction === "left");
}

/** Most requests name none of them: these share one object. */
const noParams: ScoreParams = Object.freeze<ScoreParams>({
  truncate: undefined,
  truncationDirection: undefined,
  rawScores: undefined,
  maxTokensPerDocument: undefined,
  instruction: undefined,
  relevantSpans: undefined,
});

/** All attempts share them, so that no provider may change them. */
function paramsOf(request: RerankRequest): ScoreParams {
  if (
    (request.truncate ?? request.truncation_direction ?? request.raw_scores ?? request.max_tokens_per_doc) == null &&
    !request.instruction &&
    !request.relevant_spans
  )
    return noParams;
  return Object.freeze<ScoreParams>({
    ...truncationOf(request),
    rawScores: request.raw_scores ?? undefined,
    maxTokensPerDocument: request.max_tokens_per_doc ?? undefined,
    instruction: request.instruction ? wellFormed(request.instruction) : undefined,
    relevantSpans: relevantSpansOf(request),
  });
}

function relevantSpansOf({ relevant_spans: asked }: RerankRequest): ScoreParams["relevantSpans"] {
  if (!asked || asked.mode === "disabled") return undefined;
  return Object.freeze({ threshold: asked.threshold ?? undefined, maxSpans: asked.max_spans ?? undefined });
}

function checkDocuments(documents: readonly unknown[], most: number): readonly JsonDocument[] {
  if (documents.length === 0) throw invalidField("documents", "must hold at least one document");
  if (documents.length > most)
    throw invalidField(
      "documents",
      `${documents.length} documents are more than the ${most} allowed; send them in several requests`,
    );
  if (!documents.every(isDocument)) {
    const index = documents.findIndex((document) => !isDocument(document));
    throw invalidField(`documents[${index}]`, "must be a text or an object with a text field");
  }
  return documents;
}

/** Each name once, because a field that is named often would be rendered as often. */
function checkRankFields(names: readonly unknown[] | undefined): readonly string[] | undefined {
  if (!names) return undefined;
  if (names.length === 0) throw invalidField("rank_fields", "must name at least one field");
  if (names.length > mostRankFields)
    throw invalidField(
      "rank_fields",
      `${names.length} fields are more than the ${mostRankFields} allowed; leave rank_fields out to score all fields`,
    );
  if (!names.every(isFieldName)) {
    const index = names.findIndex((name) => !isFieldName(name));
    throw invalidField(`rank_fields[${index}]`, "must be a text: the name of a field, of 10,000 characters at most");
  }
  return [...new Set(names)];
}

/** A body has no longer names, and to look for them would take long (`measure-json.ts`). */
function isFieldName(value: unknown): value is string {
  return typeof value === "string" && value.length <= 10_000;
}

/** The texts that are scored, and how many records had none of the `rank_fields`: they are rendered as without them. */
function renderDocuments(
  documents: readonly JsonDocument[],
  rankFields: readonly string[] | undefined,
): { readonly texts: readonly string[]; readonly lacking: number } {
  let lacking = 0;
  const texts = documents.map((document, index) => {
    if (typeof document === "string") return wellFormed(document);
    const named = rankFields && renderFields(document, rankFields);
    if (rankFields && named === undefined) lacking++;
    const text = named ?? renderRecord(document);
    if (text !== undefined) return wellFormed(text);
    throw invalidField(`documents[${index}]`, "has no field that could be scored; give it a text field");
  });
  return { texts, lacking };
}

/** Half a character, as careless cutting leaves it, is no Unicode: many servers refuse the whole call for one. */
function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

function isList(input: unknown, field: string): boolean {
  return typeof input === "object" && input !== null && Array.isArray(Reflect.get(input, field));
}

function isDocument(document: unknown): document is JsonDocument {
  return (
    typeof document === "string" || (typeof document === "object" && document !== null && !Array.isArray(document))
  );
}

function refuseDestination(request: RerankRequest): void {
  for (const param of ["api_base", "api_key"] as const)
    if (request[param] !== null && request[param] !== undefined)
      throw invalidField(param, "a request cannot choose the upstream; ask the operator to add it to model_list");
}

function invalidField(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}

/** Mistakes that one message names. */
const mostMistakes = 10;

function invalid(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): DheeraError {
  const problems = issues.slice(0, mostMistakes).map((issue) => {
    const path = v.getDotPath(issue);
    // A missing key is reported at the object: its own message would say "expected … received undefined".
    return path === null
      ? issue.message
      : `${path}: ${issue.received === "undefined" && issue.kind === "schema" ? missing(path, issue.message) : issue.message}`;
  });
  if (issues.length > mostMistakes) problems.push(`and ${issues.length - mostMistakes} more mistakes`);
  const param = v.getDotPath(issues[0]) ?? undefined;
  return new DheeraError("invalid_request", problems.join("; "), param === undefined ? {} : { param });
}

const required: Readonly<Record<string, string>> = {
  model: "is required: the model name of the configuration, or <provider>/<model>",
  query: "is required: the text that documents are compared with",
  documents: "is required: a list of texts or of objects with a text field",
};

function missing(path: string, message: string): string {
  return required[path] ?? message;
}
