import { DheeraError, isDheeraError } from "@dheera-ai/core";
import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as v from "valibot";

import type { McpModel } from "../options.ts";
import type { ToolContext } from "./tool-context.ts";
import { toolError } from "./tool-error.ts";
import { toolSchema } from "./tool-schema.ts";

interface ModelsAnswer {
  readonly models: readonly (McpModel & { readonly is_default: boolean })[];
}

const noArguments: v.GenericSchema<unknown, Record<string, never>> = v.strictObject(
  {},
  "list_models takes no arguments",
);

const answerSchema: v.GenericSchema<unknown, ModelsAnswer> = v.object({
  models: v.array(
    v.object({
      name: v.pipe(v.string(), v.description("What `model` of rerank is to say.")),
      description: v.optional(v.pipe(v.string(), v.description("What it is good for."))),
      context: v.optional(
        v.pipe(v.number(), v.description("Tokens of the query and one document that it reads; the rest is cut.")),
      ),
      price: v.optional(
        v.pipe(
          v.object({ per_search: v.optional(v.number()), per_million_tokens: v.optional(v.number()) }),
          v.description("US dollars for a call with 100 documents, or for a million tokens."),
        ),
      ),
      is_default: v.pipe(v.boolean(), v.description("Whether rerank takes it where no model is named.")),
    }),
  ),
});

export function registerListModels(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "list_models",
    {
      title: "List reranking models",
      description:
        "Lists the models that rerank may be told to use: names, what each is good for, how many tokens it reads, its price where it is known, and which is the default. Call it only to choose another model than the default, or after an error says that a name is not known.",
      inputSchema: toolSchema(noArguments, () => context.gate.refused("list_models")),
      outputSchema: toolSchema(answerSchema),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    (_, call) => list(call, context),
  );
}

async function list({ mcpReq }: ServerContext, { options, limits, gate }: ToolContext): Promise<CallToolResult> {
  try {
    return await gate.counted("list_models", 0, async () => {
      const late = AbortSignal.timeout(limits.seconds * 1_000);
      const models = await Promise.resolve(options.models(AbortSignal.any([mcpReq.signal, late]))).catch(
        (error: unknown) => {
          if (!late.aborted || isDheeraError(error)) throw error;
          throw new DheeraError("timeout", `the models were not listed in ${limits.seconds} seconds`);
        },
      );
      const answer: ModelsAnswer = {
        models: models.map(({ name, description, context, price }) => ({
          name,
          description,
          context,
          price,
          is_default: name === options.defaultModel,
        })),
      };
      return {
        content: [{ type: "text", text: answer.models.map(describe).join("\n") || "There are no models." }],
        structuredContent: { ...answer },
      };
    });
  } catch (error) {
    return toolError(error);
  }
}

function describe({ name, description, context, price, is_default }: ModelsAnswer["models"][number]): string {
  const facts = [
    description,
    context === undefined ? undefined : `reads ${context} tokens`,
    price?.per_search === undefined ? undefined : `$${price.per_search} a search`,
    price?.per_million_tokens === undefined ? undefined : `$${price.per_million_tokens} a million tokens`,
  ].filter((fact) => fact !== undefined);
  return `- ${name}${is_default ? " (default)" : ""}${facts.length === 0 ? "" : `: ${facts.join("; ")}`}`;
}
