import { DheeraError, HttpError, type ModelEntry, connectCombined, upstreamError } from "@dheera-ai/core";
import { combinations } from "dheera-ai";
import * as v from "valibot";

import { type Format, address, flag, format, text } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";
import { readConfiguration } from "../configuration.ts";
import { fit } from "../drawing/fit.ts";
import { apiKeyOf } from "../api-key.ts";
import { painter } from "../drawing/painter.ts";
import { drawTable } from "../drawing/table.ts";
import { withProgress } from "../progress.ts";
import type { Output, Terminal } from "../terminal.ts";
import { UsageError } from "../errors.ts";

interface ModelsOptions {
  readonly config?: string;
  readonly api_base?: string;
  readonly api_key?: string;
  readonly known?: boolean;
  readonly local?: boolean;
  readonly output?: Format;
}

interface ListedModel {
  /** The `model` of a request. */
  readonly model_name: string;
  /** `<provider>/<model>` of one deployment; a proxy does not tell it. */
  readonly model?: string;
  readonly api_base?: string;
  /** The models that it asks, where it asks others. */
  readonly members?: readonly string[];
}

export const models = defineCommand<ModelsOptions>({
  name: "models",
  summary: "List the models that a request may name",
  usage: ["--config FILE", "--api_base URL [--api_key KEY]", "--known", "--local"],
  options: {
    config: { short: "c", value: "FILE", help: "the models of this configuration" },
    api_base: { value: "URL", help: "the models of a running proxy" },
    api_key: { value: "KEY", help: "the key for it (DHEERA_AI_API_KEY)" },
    known: { help: "all models that are known, with context, scale and price" },
    local: { help: "the models that were pulled to this machine, with kind, size and last use" },
    output: { value: "FORMAT", help: "table or json (table on a terminal)" },
  },
  schema: v.object({
    config: v.optional(text),
    api_base: v.optional(address),
    api_key: v.optional(text),
    known: v.optional(flag),
    local: v.optional(flag),
    output: v.optional(format),
  }),
  examples: [
    "dheera_ai models --config config.yaml",
    "dheera_ai models --api_base http://localhost:4000",
    "dheera_ai models --known",
    "dheera_ai models --local",
  ],
  async run({ options }, terminal) {
    const { output } = terminal;
    const isTable = (options.output ?? (output.interactive ? "table" : "json")) === "table";
    if (options.known) {
      if (options.config !== undefined || options.api_base !== undefined)
        throw new UsageError("--known lists what is known of all providers; give it without --config and --api_base");
      if (options.local) throw new UsageError("--known and --local list different models; give one");
      const { drawKnownModels, listKnownModels } = await import("./known-models.ts");
      const known = listKnownModels();
      output.print(isTable ? drawKnownModels(known, output) : JSON.stringify(known, undefined, 2));
      return 0;
    }
    if (options.local) {
      if (options.config !== undefined || options.api_base !== undefined)
        throw new UsageError("--local lists what is on this machine; give it without --config and --api_base");
      const { drawLocalModels, listLocalModels, localModelLines } = await import("./local-models.ts");
      const local = await listLocalModels(terminal.environment);
      output.print(isTable ? drawLocalModels(local, output) : JSON.stringify(localModelLines(local), undefined, 2));
      return 0;
    }
    const listed = await list(options, terminal);
    output.print(isTable ? draw(listed, output) : JSON.stringify(listed, undefined, 2));
    return 0;
  },
});

async function list(options: ModelsOptions, terminal: Terminal): Promise<readonly ListedModel[]> {
  const { config, api_base } = options;
  const { environment, stop } = terminal;
  if (config !== undefined && api_base !== undefined)
    throw new UsageError("--config and --api_base both say whose models; give one");
  if (config !== undefined) return listConfigured(config, environment);
  if (api_base !== undefined) {
    const key = apiKeyOf(options, environment);
    return withProgress(
      terminal,
      () => `asking ${api_base}`,
      () => listServed(api_base, key, stop),
    );
  }
  throw new UsageError(
    "give --config FILE or --api_base URL to say whose models, --known for all that are known, or --local for those that were pulled; bm25/default needs neither: dheera_ai rerank --model bm25/default",
  );
}

async function listConfigured(file: string, environment: Terminal["environment"]): Promise<ListedModel[]> {
  const { config } = await readConfiguration(file, environment);
  return config.model_list.map(listedAs);
}

function listedAs({ model_name, dheera_ai_params: params }: ModelEntry): ListedModel {
  const { model, api_base } = params;
  const members = membersOf({ model_name, dheera_ai_params: params });
  return { model_name, model, ...(api_base !== undefined && { api_base }), ...(members && { members }) };
}

/** Undefined for a model of a provider, and for one whose parameters are wrong, which `serve` says. */
function membersOf(entry: ModelEntry): readonly string[] | undefined {
  return connectCombined({ model_list: [entry], combinations }).models.get(entry)?.model.models;
}

export async function listServed(base: string, key: string | undefined, signal: AbortSignal): Promise<ListedModel[]> {
  const answer = v.safeParse(servedSchema, await readServed(base, key, signal));
  if (!answer.success)
    throw new DheeraError(
      "provider_bad_response",
      `${base} does not answer as a Dheera AI proxy does; check --api_base`,
    );
  return answer.output.data.map(({ id }) => ({ model_name: id }));
}

/** @throws DheeraError */
async function readServed(base: string, key: string | undefined, signal: AbortSignal): Promise<unknown> {
  const url = `${base.replace(/\/+$/, "")}/v1/models`;
  const headers = new Headers(key === undefined ? {} : { authorization: `Bearer ${key}` });
  try {
    // A redirect could lead the key to another server.
    const response = await fetch(url, { headers, signal, redirect: "error" }).catch((error: unknown) => {
      throw new HttpError(undefined, error, url);
    });
    if (response.ok) return await response.json();
    const body: unknown = await response.json().catch(() => undefined);
    throw new HttpError({ status: response.status, body, headers: response.headers }, undefined, url);
  } catch (error) {
    throw upstreamError(error, base, signal);
  }
}

const servedSchema = v.object({ data: v.array(v.object({ id: v.string() })) });

function serverOf({ api_base = "", members }: ListedModel): string {
  return members ? `asks ${members.join(", ")}` : api_base;
}

function draw(listed: readonly ListedModel[], output: Output): string {
  const paint = painter(output.color);
  const rows = listed.map((one) => [one.model_name, one.model ?? "", serverOf(one)].map((cell) => fit(cell, 60)));
  const columns = [
    { heading: "name", style: (cell: string) => paint("bold", cell) },
    { heading: "model" },
    { heading: "server" },
  ];
  return drawTable(columns, rows, (heading) => paint("dim", heading), output.width).join("\n");
}
