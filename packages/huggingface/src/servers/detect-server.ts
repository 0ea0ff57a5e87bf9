import { type HttpAnswer, isDheeraError } from "@dheera-ai/core";

import { type Address, parseAddress } from "../endpoint/address.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { notRerankerMessage } from "../errors/advice.ts";
import { providerError } from "../errors/provider-error.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import type { Options } from "../options.ts";
import { resolvePrompting } from "../prompts/prompting.ts";
import type { CallRecipe } from "../wire/call-recipe.ts";
import type { HttpClient } from "../wire/http-client.ts";
import { tryRecipes } from "../wire/try-recipes.ts";
import { type ModelList, parseModelList } from "./model-list.ts";
import { appliesTemplate, type RerankApi, rerankApiRecipe } from "./rerank-api.ts";
import { parseTeiInfo, type TeiInfo, teiRecipe } from "./tei.ts";
import { toolkitRecipes } from "./toolkit.ts";

/** What every step of the detection needs. */
interface Detection {
  readonly endpoint: Endpoint;
  readonly address: Address;
  readonly client: HttpClient;
  readonly options: Options;
  readonly signal: AbortSignal;
}

/**
 * The recipe for whatever runs at `api_base`. Most servers say what they are (`GET /info`, else their model list); for
 * the others recipes are tried with one tiny pair, unless the recipe found `before` still applies.
 * @throws DheeraError when the server wants a key, is not ready, or serves no reranker.
 */
export async function detectServer(
  endpoint: Endpoint,
  client: HttpClient,
  options: Options,
  signal: AbortSignal,
  before: CallRecipe | undefined,
): Promise<CallRecipe> {
  const detection: Detection = { endpoint, address: parseAddress(endpoint.url), client, options, signal };
  const { server } = options;
  if (server === "toolkit") return firstThatWorks(toolkitRecipes(endpoint.url.href, endpoint), detection, before);
  if (server === "tei") return tei(await findInfo(detection), detection);

  const info = server === undefined ? await findInfo(detection) : undefined;
  if (info) return tei(info, detection);
  const list = await findModelList(detection);
  const kind = server ?? list?.kind ?? "unknown";
  if (kind === "unknown") return firstThatWorks(guesses(list, detection), detection, before);
  return rerankApi(kind, list?.rerankUrl ?? guessUrl(kind, detection.address), list, detection);
}

/** Harmless and short; every reranker scores it. */
const probe = { query: "ready?", documents: ["ready"], params: {}, providerOptions: {} } as const;

async function firstThatWorks(
  recipes: readonly CallRecipe[],
  { client, endpoint, signal }: Detection,
  before: CallRecipe | undefined,
): Promise<CallRecipe> {
  const still =
    before &&
    recipes.find(({ url, profile }) => url === before.url && profile.fingerprint === before.profile.fingerprint);
  return still ?? (await tryRecipes(recipes, client, endpoint, { ...probe, signal })).recipe;
}

function tei(info: TeiInfo | undefined, { endpoint, address, options }: Detection): CallRecipe {
  if (info?.model_type.classifier !== undefined)
    throw providerError("provider_failed", notRerankerMessage(endpoint.model));
  const models = info === undefined ? [endpoint.model] : [endpoint.model, info.model_id];
  return teiRecipe(info, address, endpoint, resolvePrompting(options, models, false));
}

function rerankApi(
  kind: RerankApi,
  url: string,
  list: ModelList | undefined,
  { endpoint, address, options }: Detection,
): CallRecipe {
  const served = list?.model ?? { id: endpoint.model };
  const models = [endpoint.model, served.id, ...(served.root === undefined ? [] : [served.root])];
  return rerankApiRecipe(
    kind,
    address.exact ?? url,
    served,
    endpoint,
    resolvePrompting(options, models, appliesTemplate(kind)),
  );
}

/**
 * Every rerank address that servers have, with `documents` and with `texts` (never both: llama.cpp changes its answer
 * then), and the Inference Toolkit.
 */
function guesses(list: FoundList | undefined, detection: Detection): readonly CallRecipe[] {
  const { endpoint, address } = detection;
  const urls = address.exact
    ? [address.exact]
    : [...(list ? [list.rerankUrl] : []), address.beside("/rerank"), address.at("/rerank"), address.at("/v1/rerank")];
  const rerank = [...new Set(urls)].flatMap((url) => [
    rerankApi("unknown", url, list, detection),
    tei(undefined, { ...detection, address: { ...address, exact: url } }),
  ]);
  if (address.exact || address.isVersioned) return rerank;
  const toolkit = toolkitRecipes(endpoint.url.href, endpoint);
  return endpoint.kind === "dedicated" ? [...toolkit, ...rerank] : [...rerank, ...toolkit];
}

interface FoundList extends ModelList {
  /** The rerank route beside the list. */
  readonly rerankUrl: string;
}

async function findInfo(detection: Detection): Promise<TeiInfo | undefined> {
  return parseTeiInfo(await bodyAt(detection.address.at("/info"), detection));
}

/** Most servers have the list under /v1; Infinity under its prefix, which is empty by default. */
async function findModelList(detection: Detection): Promise<FoundList | undefined> {
  const { address } = detection;
  const candidates = address.isVersioned
    ? [{ url: address.beside("/models"), rerankUrl: address.beside("/rerank") }]
    : [
        { url: address.at("/v1/models"), rerankUrl: address.at("/v1/rerank") },
        { url: address.at("/models"), rerankUrl: address.at("/rerank") },
      ];
  for (const { url, rerankUrl } of candidates) {
    const list = parseModelList(await bodyAt(url, detection), detection.endpoint);
    if (list) return { ...list, rerankUrl };
  }
  return undefined;
}

function guessUrl(kind: RerankApi, address: Address): string {
  return kind === "infinity" || address.isVersioned ? address.beside("/rerank") : address.at("/v1/rerank");
}

/** The body of a GET; undefined where the server has nothing at this address. */
async function bodyAt(url: string, detection: Detection): Promise<unknown> {
  const answer = await get(url, detection);
  if (!answer || answer.status < 300) return answer?.body;
  const { endpoint, client } = detection;
  const { error } = readRefusal(answer, { endpoint, key: await client.key() });
  if (error.code === "provider_starting" || (isFinal(answer.status, endpoint) && !isNamed(detection))) throw error;
  return undefined;
}

async function get(url: string, { client, signal }: Detection): Promise<HttpAnswer | undefined> {
  try {
    return await client.get(url, signal);
  } catch (error) {
    // Servers with a web interface answer with a redirect, which core throws.
    if (isDheeraError(error) && error.code === "provider_failed") return undefined;
    throw error;
  }
}

/**
 * Whether the rerank route would refuse as well. A proxy may forbid all routes but that one, so 403 counts only for
 * Inference Endpoints, where it concerns the token.
 */
function isFinal(status: number, { kind }: Endpoint): boolean {
  return (
    status === 401 || status === 429 || (status === 403 && kind === "dedicated") || (status >= 500 && status !== 501)
  );
}

/** Where the configuration names the server or its rerank route, a proxy may hide all other routes. */
function isNamed({ options, address }: Detection): boolean {
  return options.server !== undefined || address.exact !== undefined;
}
