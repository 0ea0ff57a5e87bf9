import * as v from "valibot";

import { invalidSetting } from "./errors/provider-error.ts";
import { type TemplateChoice, templateNames } from "./prompts/templates.ts";

const serverKinds = ["tei", "toolkit", "vllm", "infinity", "llama.cpp", "sglang", "xinference", "localai"] as const;

/** A server this provider knows how to talk to. */
export type ServerKind = (typeof serverKinds)[number];

/**
 * The keys of `dheera_ai_params` that are this provider's. Other keys are ignored, so that configurations of other
 * gateways work.
 */
export interface Options {
  /** What runs at `api_base`; detected when absent. */
  readonly server?: ServerKind | undefined;
  /** Organisation or resource group that pays for serverless calls. */
  readonly bill_to?: string | undefined;
  /**
   * What puts query and document into the prompt the model was trained on: a built-in template, a template given here,
   * or the server itself (`server`).
   */
  readonly prompt_template?: TemplateChoice | undefined;
}

const ownTemplate = v.strictObject({
  query: v.pipe(v.string(), v.check(holdsOnce("{query}"))),
  document: v.pipe(v.string(), v.check(holdsOnce("{document}"))),
  instruction: v.optional(v.string()),
});

const optionsSchema = v.object({
  server: v.optional(v.picklist(serverKinds)),
  bill_to: v.optional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/))),
  prompt_template: v.optional(v.union([v.picklist(["server", ...templateNames]), ownTemplate])),
});

const expectations: Readonly<Record<string, string>> = {
  server: `one of ${serverKinds.join(", ")}`,
  bill_to: "the name of an organisation or the id of a resource group",
  prompt_template: `one of ${["server", ...templateNames].join(", ")}, or { query, document } with {query} and {document} in them once`,
} satisfies Record<keyof Options, string>;

/** The names of all of them. */
export const optionNames: readonly string[] = Object.keys(expectations);

/** @throws DheeraError `invalid_request` naming the key that is wrong. */
export function parseOptions(options: Readonly<Record<string, unknown>>): Options {
  const parsed = v.safeParse(optionsSchema, options);
  if (parsed.success) return parsed.output;
  const param = String(parsed.issues[0].path?.[0]?.key);
  throw invalidSetting(param, `${param} must be ${expectations[param]}`);
}

function holdsOnce(placeholder: string): (text: string) => boolean {
  return (text) => text.split(placeholder).length === 2;
}
