import { upstreamError } from "@dheera-ai/core";
import { ofetch } from "ofetch";
import * as v from "valibot";

import { type Format, address, format, text } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { readConfiguration } from "../configuration.ts";
import { fit } from "../drawing/fit.ts";
import { painter } from "../drawing/painter.ts";
import { drawTable } from "../drawing/table.ts";
import type { Output, Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

interface ModelsOptions {
  readonly config?: string;
  readonly api_base?: string;
  readonly api_key?: string;
  readonly output?: Format;
}

interface ListedModel {
  /** What to ask for. */
  readonly model_name: string;
  /** `<provider>/<model>` of one deployment, where it is known. */
  readonly model?: string;
  readonly api_base?: string;
}

export const models = defineCommand<ModelsOptions>({
  name: "models",
  summary: "List the models one can ask for",
  usage: ["--config FILE", "--api_base URL [--api_key KEY]"],
  options: {
    config: { short: "c", value: "FILE", help: "the models of this configuration" },
    api_base: { value: "URL", help: "the models of a running proxy" },
    api_key: { value: "KEY", help: "the key for it" },
    output: { value: "FORMAT", help: "table or json (table on a terminal)" },
  },
  schema: v.object({
    config: v.optional(text),
    api_base: v.optional(address),
    api_key: v.optional(text),
    output: v.optional(format),
  }),
  examples: ["dheera_ai models --config config.yaml", "dheera_ai models --api_base http://localhost:4000"],
  async run({ options }, terminal) {
    const listed = await list(options, terminal);
    const { output } = terminal;
    const drawn = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    output.print(drawn ? draw(listed, output) : JSON.stringify(listed, undefined, 2));
    return 0;
  },
});

async function list(options: ModelsOptions, { environment, stop }: Terminal): Promise<readonly ListedModel[]> {
  const { config, api_base, api_key } = options;
  if (config !== undefined && api_base !== undefined)
    throw new UsageError("--config and --api_base name two places; give one");
  if (config !== undefined) return listConfigured(config, environment);
  if (api_base !== undefined) return listServed(api_base, api_key, stop);
  throw new UsageError(
    "whose models? Give --config FILE or --api_base URL. bm25/default needs neither: dheera_ai rerank --model bm25/default",
  );
}

async function listConfigured(file: string, environment: Terminal["environment"]): Promise<ListedModel[]> {
  const { config } = await readConfiguration(file, environment);
  return config.model_list.map(({ model_name, dheera_ai_params: { model, api_base } }) =>
    api_base === undefined ? { model_name, model } : { model_name, model, api_base },
  );
}

async function listServed(base: string, key: string | undefined, signal: AbortSignal): Promise<ListedModel[]> {
  const headers = new Headers(key === undefined ? {} : { authorization: `Bearer ${key}` });
  try {
    const answer: unknown = await ofetch(`${base.replace(/\/+$/, "")}/v1/models`, {
      headers,
      signal,
      retry: 0,
      redirect: "error",
    });
    return v.parse(servedSchema, answer).data.map(({ id }) => ({ model_name: id }));
  } catch (error) {
    throw upstreamError(error, base, signal);
  }
}

const servedSchema = v.object({ data: v.array(v.object({ id: v.string() })) });

function draw(listed: readonly ListedModel[], output: Output): string {
  const paint = painter(output.color);
  const rows = listed.map((one) => [one.model_name, one.model ?? "", one.api_base ?? ""].map((cell) => fit(cell, 60)));
  const columns = [
    { heading: "name", look: (cell: string) => paint("bold", cell) },
    { heading: "model" },
    { heading: "server" },
  ];
  return drawTable(columns, rows, (heading) => paint("dim", heading)).join("\n");
}
