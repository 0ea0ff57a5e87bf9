import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import { type Dtype, dtypes } from "../model/description.ts";

/** The parameters of a deployment, in `dheera_ai_params`. */
export interface Parameters {
  /** How the weights are stored; what suits the processor when absent. */
  readonly dtype?: Dtype | undefined;
  /** The file of the weights, within the model's folder; of the `dtype`, where that is named too. */
  readonly file?: string | undefined;
  /** Threads of each child; the processors that this process may use, divided by `instances`, when absent. */
  readonly threads?: number | undefined;
  /** Children with this model. */
  readonly instances: number;
  /** Start with the deployment instead of its first request, and never end. */
  readonly warm: boolean;
  /** Seconds without a request after which the children are ended. */
  readonly idle_timeout: number | "never";
  /** Megabytes that a child may use. */
  readonly memory_limit_mb?: number | undefined;
  /** Megabytes of each child for vectors of documents that may come again, for embedding models; 0: none. */
  readonly vector_cache_mb: number;
  /** Tokens that the model reads at once; what its files say when absent. */
  readonly max_length?: number | undefined;
  readonly runtime?: "native" | "wasm" | undefined;
  readonly pooling?: (typeof poolings)[number] | undefined;
  /** What stands before each query and each document, for embedding models. */
  readonly query_prompt?: string | undefined;
  readonly document_prompt?: string | undefined;
  /** The label that means "relevant", by its name or its number, for cross-encoders with several. */
  readonly positive_label?: string | number | undefined;
}

const poolings = ["mean", "cls", "max", "last-token"] as const;

/** @throws DheeraError `invalid_request` naming the parameter at fault */
export function parseParameters(options: Readonly<Record<string, unknown>>): Parameters {
  const parsed = v.safeParse(schema, options);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new DheeraError("invalid_request", `local cannot work with these parameters: ${issue.message}`, {
      param: v.getDotPath(issue) ?? "options",
      provider: "local",
    });
  }
  const { idle_timeout = parsed.output.warm ? "never" : 300, ...rest } = parsed.output;
  return { ...rest, idle_timeout };
}

const wholeNumber = (name: string, least: number, most: number) => {
  const message = `${name} must be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
};
const text = (name: string) => v.string(`${name} must be a text`);
const oneOf = <const Names extends readonly string[]>(name: string, names: Names) =>
  v.picklist(names, `${name} must be one of ${names.join(", ")}`);
const idle = "idle_timeout must be a number of seconds above 0, or never";
const memory = "memory_limit_mb must be a number of megabytes above 0";
const label = "positive_label must be the name or the number of a label";

const entries = {
  dtype: v.optional(oneOf("dtype", dtypes)),
  file: v.optional(v.pipe(text("file"), v.nonEmpty("file must be a path within the model's folder"))),
  threads: v.optional(wholeNumber("threads", 1, 1024)),
  instances: v.optional(wholeNumber("instances", 1, 64), 1),
  warm: v.optional(v.boolean("warm must be true or false"), false),
  idle_timeout: v.optional(
    v.union([v.literal("never"), v.pipe(v.number(idle), v.finite(idle), v.gtValue(0, idle))], idle),
  ),
  memory_limit_mb: v.optional(v.pipe(v.number(memory), v.finite(memory), v.gtValue(0, memory))),
  vector_cache_mb: v.optional(wholeNumber("vector_cache_mb", 0, 100_000), 16),
  max_length: v.optional(wholeNumber("max_length", 8, 1_000_000)),
  runtime: v.optional(oneOf("runtime", ["native", "wasm"])),
  pooling: v.optional(oneOf("pooling", poolings)),
  query_prompt: v.optional(text("query_prompt")),
  document_prompt: v.optional(text("document_prompt")),
  positive_label: v.optional(
    v.union([v.string(), v.pipe(v.number(label), v.integer(label), v.minValue(0, label))], label),
  ),
};
const schema = v.object(entries);

/** The keys of `dheera_ai_params` that this provider reads. */
export const parameterNames: readonly string[] = Object.keys(entries);
