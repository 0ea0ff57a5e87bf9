import { DheeraError, type ScoreCall, type ScoreParams } from "@dheera-ai/core";

import type { RowHooks } from "./define-row.ts";
import { type FieldPath, fieldPath, type WritableFields, writeField } from "./field-path.ts";
import type { RowRequest } from "./row.ts";

/** What a call sends, and which of the parameters that were asked for the provider has not. */
export interface RowBody {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** Who is asked, for messages. */
export interface Asked {
  readonly provider: string;
  readonly label: string;
  /** As the provider is asked for it. */
  readonly model: string;
}

/** How calls become bodies of requests, as a row says it. `top_n` is core's, so that all documents come back. */
export function requestOfRow(
  request: RowRequest,
  asked: Asked,
  optionFields: RowHooks["options"] = onlyKnown(request.options),
): (call: Pick<ScoreCall, "query" | "documents" | "params" | "providerOptions">) => RowBody {
  const fields = fieldsOf(request);
  return ({ query, documents, params, providerOptions }) => {
    const body: WritableFields = {};
    const inQuery = request.instruction === "in_query" && params.instruction !== undefined;
    const text = inQuery ? `${params.instruction}\n${query}` : query;
    if (fields.model) writeField(body, fields.model, asked.model);
    writeField(body, fields.query, queryAs(request.query_form, text, documents.length));
    writeField(
      body,
      fields.documents,
      request.document_form === "object" ? documents.map((document) => ({ text: document })) : documents,
    );
    if (fields.topN) writeField(body, fields.topN, documents.length);
    for (const [field, value] of fields.constants) writeField(body, field, value);
    writeParameters(body, request, fields, params);
    Object.assign(body, optionFields(providerOptions, asked.provider));
    return { body, warnings: ignoredParameters(request, params, asked.label) };
  };
}

interface Fields {
  readonly model: FieldPath | undefined;
  readonly query: FieldPath;
  readonly documents: FieldPath;
  readonly topN: FieldPath | undefined;
  readonly truncate: FieldPath | undefined;
  readonly truncationDirection: FieldPath | undefined;
  readonly rawScores: FieldPath | undefined;
  readonly maxTokens: FieldPath | undefined;
  readonly instruction: FieldPath | undefined;
  readonly relevantSpans: FieldPath | undefined;
  readonly constants: readonly (readonly [FieldPath, unknown])[];
}

function fieldsOf(request: RowRequest): Fields {
  const path = (name: string | null | undefined): FieldPath | undefined =>
    name === undefined || name === null ? undefined : fieldPath(name);
  return {
    model: path(request.model === undefined ? "model" : request.model),
    query: fieldPath(request.query ?? "query"),
    documents: fieldPath(request.documents ?? "documents"),
    topN: path(request.top_n),
    truncate: path(request.truncate?.field),
    truncationDirection: path(request.truncation_direction),
    rawScores: path(request.raw_scores),
    maxTokens: path(request.max_tokens_per_document),
    instruction: path(request.instruction === "in_query" ? undefined : request.instruction),
    relevantSpans: path(request.relevant_spans),
    constants: Object.entries(request.constants ?? {}).map(([name, value]) => [fieldPath(name), value] as const),
  };
}

function queryAs(form: RowRequest["query_form"], text: string, count: number): unknown {
  if (form === "object") return { text };
  return form === "repeated" ? Array.from({ length: count }, () => text) : text;
}

function writeParameters(body: WritableFields, request: RowRequest, fields: Fields, params: ScoreParams): void {
  const write = (field: FieldPath | undefined, value: unknown): void => {
    if (field !== undefined && value !== undefined) writeField(body, field, value);
  };
  write(fields.truncate, truncateValue(request.truncate, params.truncate));
  write(fields.truncationDirection, params.truncationDirection);
  write(fields.rawScores, params.rawScores);
  write(fields.maxTokens, params.maxTokensPerDocument);
  write(fields.instruction, params.instruction);
  write(fields.relevantSpans, params.relevantSpans && spansOf(params.relevantSpans));
}

function spansOf({ threshold, maxSpans }: NonNullable<ScoreParams["relevantSpans"]>): object {
  return {
    mode: "enabled",
    ...(threshold !== undefined && { threshold }),
    ...(maxSpans !== undefined && { max_spans: maxSpans }),
  };
}

function truncateValue(truncate: RowRequest["truncate"], asked: boolean | undefined): unknown {
  if (asked === false) return truncate?.refuse ?? (truncate?.always ? truncate.cut : undefined);
  return asked || truncate?.always ? truncate?.cut : undefined;
}

/**
 * A sentence for each parameter that was asked for and is missing here; what is the default anyway is not missed. Core
 * warns of relevant spans itself.
 */
function ignoredParameters(request: RowRequest, params: ScoreParams, label: string): readonly string[] {
  const missing = [
    params.truncate === false && request.truncate?.refuse === undefined && "truncate: false",
    params.truncationDirection === "left" && request.truncation_direction === undefined && "truncation_direction: left",
    params.rawScores && request.raw_scores === undefined && "raw_scores: true",
    params.maxTokensPerDocument !== undefined && request.max_tokens_per_document === undefined && "max_tokens_per_doc",
    params.instruction !== undefined && request.instruction === undefined && "instruction",
  ];
  return missing.flatMap((name) => (name ? [`${label} has no ${name}; it had no effect`] : []));
}

/** The options as they are. @throws DheeraError `invalid_request` where one is not known */
function onlyKnown(known: readonly string[] = []): NonNullable<RowHooks["options"]> {
  return (options, provider) => {
    const unknown = Object.keys(options).find((name) => !known.includes(name));
    if (unknown === undefined) return options;
    const param = `provider_options.${provider}.${unknown}`;
    const remedy = known.length === 0 ? "there are none" : `there is ${known.join(", ")}`;
    throw new DheeraError("invalid_request", `${param} is not known; ${remedy}`, { param, provider });
  };
}
