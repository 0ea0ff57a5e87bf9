import type { Options } from "../options.ts";
import { chosenTemplate, neededTemplate, type PromptTemplate, templateTokens } from "./templates.ts";

/** The prompt template of a model: applied here, by the server, or missing. */
export interface Prompting {
  readonly template: PromptTemplate | undefined;
  /** Part of a fingerprint. */
  readonly identity: string | undefined;
  /** The tokens of the model's length that the template leaves. */
  tokensLeft(tokens: number | undefined): number | undefined;
  readonly warnings: readonly string[];
}

/**
 * Decides whether a prompt template is applied here, and warns where the model needs one that, as far as is known, is
 * applied nowhere.
 */
export function resolvePrompting(
  { prompt_template: choice }: Options,
  models: readonly string[],
  serverAppliesIt: boolean,
): Prompting {
  const template = chosenTemplate(choice);
  const needed = choice === undefined && !serverAppliesIt ? neededTemplate(models) : undefined;
  return {
    template,
    identity:
      template === undefined ? undefined : JSON.stringify([template.query, template.document, template.instruction]),
    tokensLeft: (tokens) => (tokens === undefined ? undefined : Math.max(1, tokens - templateTokens(template))),
    warnings:
      needed === undefined
        ? []
        : [
            `this model ranks almost at random without its prompt template, and the server is not known to apply one; set prompt_template: ${needed} to have it applied here, or prompt_template: server if the server does it`,
          ],
  };
}
