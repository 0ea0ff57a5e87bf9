import { DheeraError, isDheeraError } from "@dheera-ai/core";

import { type Address, parseAddress } from "../endpoint/address.ts";
import { notRerankerMessage } from "../errors/advice.ts";
import type { Answer, Line } from "../wire/http-client.ts";
import type { Options } from "../options.ts";
import type { Place } from "../endpoint/endpoint.ts";
import { resolvePrompting } from "../prompts/prompting.ts";
import { providerName } from "../errors/provider-error.ts";
import { readRefusal } from "../errors/read-refusal.ts";
import type { Route } from "../wire/call-recipe.ts";
import { type ModelList, parseModelList } from "./model-list.ts";
import { appliesTemplate, type RerankApi, rerankApiRoute } from "./rerank-api.ts";
import { parseTeiInfo, type TeiInfo, teiRoute } from "./tei.ts";
import { toolkitRoutes } from "./toolkit.ts";
import { tryRoutes } from "../wire/try-recipes.ts";

/** Who is asked, and what is known beforehand. */
interface Visit {
  readonly place: Place;
  readonly address: Address;
  readonly line: Line;
  readonly options: Options;
  readonly signal: AbortSignal;
}

/**
 * How to ask whatever runs at `api_base`. Most servers say what they are (`GET /info`, else their model list); the others are tried with one tiny pair,
 * unless what was found `before` still applies.
 * @throws DheeraError when the server wants a key, is not ready, or serves no reranker.
 */
export async function recognise(
  place: Place,
  line: Line,
  options: Options,
  signal: AbortSignal,
  before: Route | undefined,
): Promise<Route> {
  const visit: Visit = { place, address: parseAddress(place.url), line, options, signal };
  const { server } = options;
  if (server === "toolkit") return firstThatWorks(toolkitRoutes(place.url.href, place), visit, before);
  if (server === "tei") return tei(await findInfo(visit), visit);

  const info = server === undefined ? await findInfo(visit) : undefined;
  if (info) return tei(info, visit);
  const list = await findModelList(visit);
  const kind = server ?? list?.kind ?? "unknown";
  if (kind === "unknown") return firstThatWorks(guesses(list, visit), visit, before);
  return documents(kind, list?.rerankUrl ?? guessUrl(kind, visit.address), list, visit);
}

/** Harmless, short, and refused by nobody who can rerank. */
const sample = { query: "ready?", documents: ["ready"], params: {} } as const;

async function firstThatWorks(
  routes: readonly Route[],
  { line, place, signal }: Visit,
  before: Route | undefined,
): Promise<Route> {
  const still =
    before &&
    routes.find(({ url, profile }) => url === before.url && profile.fingerprint === before.profile.fingerprint);
  return still ?? (await tryRoutes(routes, line, place, { ...sample, signal })).route;
}

function tei(info: TeiInfo | undefined, { place, address, options }: Visit): Route {
  if (info?.model_type.classifier !== undefined)
    throw new DheeraError("provider_failed", `${providerName}: ${notRerankerMessage(place.model)}`, {
      provider: providerName,
    });
  const models = info === undefined ? [place.model] : [place.model, info.model_id];
  return teiRoute(info, address, place, resolvePrompting(options, models, false));
}

function documents(
  kind: RerankApi,
  url: string,
  list: ModelList | undefined,
  { place, address, options }: Visit,
): Route {
  const served = list?.model ?? { id: place.model };
  const models = [place.model, served.id, ...(served.root === undefined ? [] : [served.root])];
  return rerankApiRoute(
    kind,
    address.exact ?? url,
    served,
    place,
    resolvePrompting(options, models, appliesTemplate(kind)),
  );
}

/** Every rerank address there may be, with `documents` and with `texts` (never both: llama.cpp changes its answer then), and the Inference Toolkit. */
function guesses(list: FoundList | undefined, visit: Visit): readonly Route[] {
  const { place, address } = visit;
  const urls = address.exact
    ? [address.exact]
    : [...(list ? [list.rerankUrl] : []), address.beside("/rerank"), address.at("/rerank"), address.at("/v1/rerank")];
  const rerank = [...new Set(urls)].flatMap((url) => [
    documents("unknown", url, list, visit),
    tei(undefined, { ...visit, address: { ...address, exact: url } }),
  ]);
  if (address.exact || address.isVersioned) return rerank;
  const toolkit = toolkitRoutes(place.url.href, place);
  return place.kind === "endpoint" ? [...toolkit, ...rerank] : [...rerank, ...toolkit];
}

interface FoundList extends ModelList {
  /** The rerank route beside the list. */
  readonly rerankUrl: string;
}

async function findInfo(visit: Visit): Promise<TeiInfo | undefined> {
  return parseTeiInfo(await look(visit.address.at("/info"), visit));
}

/** Most have it under /v1; Infinity under its prefix, which is empty by default. */
async function findModelList(visit: Visit): Promise<FoundList | undefined> {
  const { address } = visit;
  const places = address.isVersioned
    ? [{ url: address.beside("/models"), rerankUrl: address.beside("/rerank") }]
    : [
        { url: address.at("/v1/models"), rerankUrl: address.at("/v1/rerank") },
        { url: address.at("/models"), rerankUrl: address.at("/rerank") },
      ];
  for (const { url, rerankUrl } of places) {
    const list = parseModelList(await look(url, visit), visit.place);
    if (list) return { ...list, rerankUrl };
  }
  return undefined;
}

function guessUrl(kind: RerankApi, address: Address): string {
  return kind === "infinity" || address.isVersioned ? address.beside("/rerank") : address.at("/v1/rerank");
}

/** The body of a GET, undefined where there is nothing to see. */
async function look(url: string, visit: Visit): Promise<unknown> {
  const answer = await get(url, visit);
  if (!answer || answer.status < 300) return answer?.body;
  const { error } = readRefusal(answer, { place: visit.place, key: await visit.line.key() });
  if (error.code === "provider_starting" || (isFinal(answer.status, visit.place) && !isNamed(visit))) throw error;
  return undefined;
}

async function get(url: string, { line, signal }: Visit): Promise<Answer | undefined> {
  try {
    return await line.get(url, signal);
  } catch (error) {
    // A redirect, as servers with a web interface answer: core throws it.
    if (isDheeraError(error) && error.code === "provider_failed") return undefined;
    throw error;
  }
}

/** Refusals that the rerank route would give too. A proxy may forbid all but one route, so 403 counts only where it speaks of our token. */
function isFinal(status: number, { kind }: Place): boolean {
  return (
    status === 401 || status === 429 || (status === 403 && kind === "endpoint") || (status >= 500 && status !== 501)
  );
}

/** Whoever names the server or its rerank route may have it behind a proxy that hides the rest. */
function isNamed({ options, address }: Visit): boolean {
  return options.server !== undefined || address.exact !== undefined;
}
