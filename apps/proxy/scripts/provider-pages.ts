import { allRows, type KnownModel, type KnownProvider, knownProviders, type Row } from "@dheera-ai/providers";

import { type GeneratedPage, code, count, generatedFromProviders, table } from "./markdown.ts";
import { renderExamples } from "./provider-examples.ts";
import { installCommand, renderList } from "./provider-list.ts";

export const providerPagesFolder: URL = new URL("../../../docs/providers/", import.meta.url);

/** Providers that have a page elsewhere, which says more. */
const otherPages: Readonly<Record<string, string>> = {
  huggingface: "../huggingface-rerank.md",
  hosted_vllm: "../huggingface-rerank.md",
  infinity: "../huggingface-rerank.md",
  bm25: "../../packages/bm25/README.md",
};

/** Pages that show step by step what a provider's own page lists. */
const guides: Readonly<Record<string, string>> = {
  local: "../local-models.md",
  llm: "../../packages/llm/README.md",
};

/** A page for each provider, and the list of them. */
export function providerPages(): readonly GeneratedPage[] {
  const known = knownProviders();
  const own = known.filter(({ name }) => otherPages[name] === undefined);
  return [
    page("README.md", () => renderList(known.map((provider) => [provider, linkOf(provider), rowOf(provider)]))),
    ...own.map((provider) => page(fileOf(provider), () => renderProvider(provider, rowOf(provider)))),
  ];
}

function page(name: string, render: () => string): GeneratedPage {
  return { page: new URL(name, providerPagesFolder), name, render };
}

function linkOf(provider: KnownProvider): string {
  return otherPages[provider.name] ?? fileOf(provider);
}

function fileOf({ name }: KnownProvider): string {
  return `${name.replaceAll("_", "-")}.md`;
}

function rowOf({ name }: KnownProvider): Row | undefined {
  return allRows.find(({ row }) => row.name === name)?.row;
}

function renderProvider(provider: KnownProvider, row: Row | undefined): string {
  const { name, label, models, documentation } = provider;
  const { page: source, quirks = [], unverified = [] } = documentation;
  const guide = guides[name];
  return [
    generatedFromProviders,
    "",
    `# ${label}`,
    "",
    `The prefix is \`${name}\`.${source === undefined ? "" : ` [${label}'s own documentation](${source}).`}${guide === undefined ? "" : ` [Step by step](${guide}).`} [All providers](README.md).`,
    "",
    ...installed(provider),
    ...configuration(provider, row),
    "",
    ...factsTable(provider, row),
    ...examples(provider, row),
    "## Models",
    "",
    ...table(["model", "tokens", "most a call", "scores", "price in US dollars", ""], models.map(modelRow)),
    "",
    "Tokens are those of the query and one document. A larger request is split; only listwise models get it whole or not at all.",
    ...sourcesOf(models),
    "",
    ...list("## Good to know", quirks),
    ...list(
      "## Not verified",
      unverified,
      "Nobody has confirmed these yet. Parameters of the deployment override them, see",
    ),
  ].join("\n");
}

/** Of a row; other providers have a page of their package, which shows how they are asked. */
function examples(provider: KnownProvider, row: Row | undefined): readonly string[] {
  if (row === undefined) return [];
  return renderExamples(
    provider,
    row,
    exampleModel(provider),
    provider.api_base === undefined ? exampleBase(row) : undefined,
  );
}

function sourcesOf(models: readonly KnownModel[]): readonly string[] {
  const sources = new Set(
    models.flatMap(({ price }) => (price === undefined ? [] : [`${price.source}, ${price.date}`])),
  );
  return sources.size === 0
    ? []
    : [`Prices are those of ${[...sources].join("; ")}; \`model_info\` of a deployment overrides them.`];
}

function installed(provider: KnownProvider): readonly string[] {
  const command = installCommand(provider);
  if (command === undefined) return [];
  const folder = provider.package?.replace("@dheera-ai/", "");
  return [
    `It is a package of its own, which [its own page](../../packages/${folder}/README.md) describes in full:`,
    "",
    "```sh",
    command,
    "```",
    "",
  ];
}

/** A deployment as it stands in `config.yaml`. */
function configuration(provider: KnownProvider, row: Row | undefined): readonly string[] {
  const { name, api_base, api_key_env, example = {}, package: packageName } = provider;
  const needsBase = api_base === undefined && packageName === undefined;
  const [key] = api_key_env;
  return [
    "```yaml",
    "model_list:",
    "  - model_name: reranker",
    "    dheera_ai_params:",
    `      model: "${name}/${exampleModel(provider)}"`,
    ...(needsBase ? [`      api_base: ${exampleBase(row)}`] : []),
    ...Object.entries(example).map(([parameter, value]) => `      ${parameter}: ${value}`),
    ...Object.keys(row?.path_parameters ?? {}).map(
      (parameter) => `      ${parameter}: my-${parameter.replaceAll("_", "-")}`,
    ),
    ...(key === undefined || packageName !== undefined ? [] : [`      api_key: os.environ/${key}`]),
    "```",
  ];
}

/** The first model whose name is known; a star at its beginning stands for what some write before the name. */
function exampleModel({ models }: KnownProvider): string {
  const names = models.flatMap(({ model, deprecated }) => (deprecated === undefined ? [model.replace(/^\*/, "")] : []));
  return names.find((name) => name !== "" && !name.includes("*")) ?? "my-reranker";
}

function exampleBase(row: Row | undefined): string {
  const [host] = row?.hosts ?? [];
  return host === undefined ? "http://my-server:8080" : `https://${host.replace("*", "my-resource")}`;
}

function factsTable(provider: KnownProvider, row: Row | undefined): readonly string[] {
  const rows = facts(provider, row);
  return rows.length === 0 ? [] : [...table(["", ""], rows), ""];
}

function facts(provider: KnownProvider, row: Row | undefined): readonly (readonly string[])[] {
  const { api_base, api_base_env, api_key_env, package: packageName } = provider;
  const variables = [...api_key_env, ...api_base_env].map(code);
  // Where it is and whose key it takes is a matter of more than two parameters there.
  if (packageName !== undefined)
    return variables.length === 0 ? [] : [["variables", `${variables.join(", ")}, and others`]];
  const bases = ["`api_base`", ...api_base_env.map(code)].join(", ");
  return [
    ["address", api_base === undefined ? `${bases}; one is needed` : `\`${api_base}\`; another one: ${bases}`],
    ...(api_key_env.length === 0 ? [] : [["key", ["`api_key`", ...api_key_env.map(code)].join(", ")]]),
    ...(row === undefined ? [] : requestFacts(row)),
  ];
}

function requestFacts(row: Row): readonly (readonly string[])[] {
  const { path, path_by_host = {}, request, limits = {}, models = [] } = row;
  const paths = [path, ...Object.values(path_by_host)].map((one) => `\`POST …${one}\``);
  const options = request.options ?? [];
  const somewhere = new Map<string, string[]>();
  for (const model of models)
    for (const parameter of parametersOf(model.request ?? {}))
      somewhere.set(parameter, [...(somewhere.get(parameter) ?? []), code(model.match)]);
  const parameters = [
    ...parametersOf(request),
    ...[...somewhere].map(([parameter, names]) => `${parameter} (${names.join(", ")})`),
  ];
  return [
    ["request", [...new Set(paths)].join(", ")],
    [
      "parameters",
      parameters.length === 0
        ? "none of those that change scores; callers are warned of one that has no effect"
        : `${parameters.join(", ")}; callers are warned of others, which have no effect`,
    ],
    ...(options.length === 0 ? [] : [["`provider_options`", options.map(code).join(", ")]]),
    ...limitRows(limits),
    ...elsewhereRows(row),
  ];
}

function elsewhereRows({ path, elsewhere }: Row): readonly (readonly string[])[] {
  if (elsewhere === undefined) return [];
  const { other_paths = [], request, score_kind } = elsewhere;
  const paths = [path, ...other_paths].map(code).join(", then ");
  const parameters = parametersOf(request).join(", ");
  return [
    [
      "at an `api_base` of yours",
      `a server with the same protocol, asked at ${paths}; scores are ${score_kind}, and it is told ${parameters}`,
    ],
  ];
}

/** What callers may say, by the names that callers know. */
function parametersOf(request: Partial<Row["request"]>): readonly string[] {
  const { truncate, truncation_direction, raw_scores, max_tokens_per_document, relevant_spans, instruction } = request;
  const known: readonly (readonly [unknown, string])[] = [
    [truncate, "truncate"],
    [truncation_direction, "truncation_direction"],
    [raw_scores, "raw_scores"],
    [max_tokens_per_document, "max_tokens_per_doc"],
    [instruction, "instruction"],
    [relevant_spans, "relevant_spans"],
  ];
  return known.filter(([field]) => field !== undefined).map(([, name]) => code(name));
}

function limitRows(limits: NonNullable<Row["limits"]>): readonly (readonly string[])[] {
  const { bytes_per_call, characters_per_document } = limits;
  const known: readonly (readonly [number | undefined, string])[] = [
    [bytes_per_call, "bytes a call"],
    [characters_per_document, "characters a document"],
  ];
  return known.flatMap(([limit, what]) => (limit === undefined ? [] : [[`most ${what}`, count(limit)]]));
}

function modelRow({
  model,
  context,
  documents_per_call,
  tokens_per_call,
  score_kind,
  scoring,
  billing,
  price,
  deprecated,
}: KnownModel): readonly string[] {
  const remarks = [
    ...(scoring === "listwise" ? ["listwise"] : []),
    ...(deprecated === undefined ? [] : [`deprecated: ${deprecated}`]),
  ];
  return [
    model === "*" ? "any other" : `\`${model}\``,
    context === undefined ? "" : count(context),
    [
      ...(documents_per_call === undefined ? [] : [`${count(documents_per_call)} documents`]),
      ...(tokens_per_call === undefined ? [] : [`${count(tokens_per_call)} tokens`]),
    ].join(", "),
    score_kind,
    describePrice(price, billing),
    remarks.join("; "),
  ];
}

/** An unknown price is said to be unknown, and not left out: it counts in routing and in sums. */
function describePrice(price: KnownModel["price"], billing: KnownModel["billing"]): string {
  if (price === undefined) return billing === "compute" ? "" : `unknown, ${billing.replace("-", " ")}`;
  const { per_search, per_million_tokens } = price;
  const sums = [
    ...(per_search === undefined ? [] : [`${per_search} a search`]),
    ...(per_million_tokens === undefined ? [] : [`${per_million_tokens} a million tokens`]),
  ];
  return sums.join(", ");
}

function list(heading: string, sentences: readonly string[], introduction?: string): readonly string[] {
  if (sentences.length === 0) return [];
  const before =
    introduction === undefined ? [] : [`${introduction} [the table of settings](../reference/settings.md).`, ""];
  return [heading, "", ...before, ...sentences.map((sentence) => `- ${capitalized(sentence)}.`), ""];
}

/** A name stays as it is. */
function capitalized(sentence: string): string {
  return /^[a-z]+[ ,]/.test(sentence) ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence;
}
