import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

import { providerName } from "./provider-name.ts";
import { type TemplateChoice, templateNames } from "./templates.ts";

export const serverKinds = ["tei", "toolkit", "vllm", "infinity", "llama.cpp", "sglang", "xinference", "localai"] as const;

/** A server this provider knows how to talk to. */
export type ServerKind = (typeof serverKinds)[number];

/** The keys of `dheera_ai_params` that are this provider's. Others are left alone, so that configurations of other gateways work. */
export interface Options {
  /** What runs at `api_base`; found out by asking when absent. */
  readonly server?: ServerKind | undefined;
  /** Organisation or resource group that pays for serverless calls. */
  readonly bill_to?: string | undefined;
  /** Who puts query and document into the prompt the model was trained on: a built-in template, one's own, or `server`. */
  readonly prompt_template?: TemplateChoice | undefined;
}

const templateMessage = `prompt_template must be one of ${["server", ...templateNames].join(", ")}, or { query, document } with {query} and {document} in them`;

const ownTemplate = v.strictObject({
  query: v.pipe(v.string(), v.includes("{query}")),
  document: v.pipe(
    v.string(),
    v.check((text) => text.split("{document}").length === 2),
  ),
  instruction: v.optional(v.string()),
});

const optionsSchema = v.object({
  server: v.optional(v.picklist(serverKinds, `server must be one of ${serverKinds.join(", ")}`)),
  bill_to: v.optional(
    v.pipe(
      v.string("bill_to must be the name of an organisation"),
      v.regex(/^[\x21-\x7e]+$/, "bill_to must be the name of an organisation"),
    ),
  ),
  prompt_template: v.optional(v.union([v.picklist(["server", ...templateNames]), ownTemplate], templateMessage)),
});

/** @throws DheeraError `invalid_request` naming the key that is wrong. */
export function parseOptions(options: Readonly<Record<string, unknown>>): Options {
  const parsed = v.safeParse(optionsSchema, options);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new DheeraError("invalid_request", issue.message, { provider: providerName, param: v.getDotPath(issue) ?? "dheera_ai_params" });
}
