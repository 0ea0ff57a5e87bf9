import type { Dheera, Profile, RouterSettings } from "@dheera-ai/core";
import { cautiousTokens } from "@dheera-ai/core/provider-utils";

/** A rerank request as far as its cost depends on it. Nobody has checked it yet. */
export interface AskedRequest {
  readonly query: unknown;
  readonly documents: unknown;
  readonly fallbacks?: unknown;
  readonly disable_fallbacks?: unknown;
}

type Models = Pick<Dheera, "deployments" | "combinedModels" | "wildcardOf">;

/**
 * The most that requests may cost: by the dearest price that is known among the deployments that may answer, fallbacks included;
 * a combined model costs what all of its members do. What was learned of prices is read anew once a second.
 */
export class MostCosts {
  readonly #models: Models;
  readonly #router: RouterSettings;
  readonly #unknown: number;
  #byName: Map<string, Prices> = new Map();
  #profiles: ReadonlyMap<string, readonly (Profile | undefined)[]> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;

  /** @param unknown US dollars of a request whose price nobody knows */
  constructor(models: Models, router: RouterSettings, unknown: number) {
    this.#models = models;
    this.#router = router;
    this.#unknown = unknown;
  }

  /**
   * US dollars.
   * @param model a configured model name
   */
  of(request: AskedRequest, model: string): number {
    this.#readAnew();
    const size = new RequestSize(request);
    let most = 0;
    for (const name of this.#mayAnswer(request, model))
      most = Math.max(most, costOf(this.#pricesOf(name), size, this.#unknown));
    return most;
  }

  #readAnew(): void {
    const now = performance.now();
    if (now - this.#readAt < rereadMs) return;
    this.#readAt = now;
    this.#byName = new Map();
    const profiles = new Map<string, (Profile | undefined)[]>();
    for (const { modelName, profile } of this.#models.deployments()) {
      const known = profiles.get(modelName);
      if (known) known.push(profile);
      else profiles.set(modelName, [profile]);
    }
    this.#profiles = profiles;
  }

  #mayAnswer(request: AskedRequest, model: string): readonly string[] {
    if (request.disable_fallbacks === true) return [model];
    const { fallbacks = [], default_fallbacks: byDefault = [] } = this.#router;
    const own = namesIn(request.fallbacks);
    const configured = own.length > 0 ? own : (fallbacks.find((entry) => model in entry)?.[model] ?? byDefault);
    return configured.length === 0 ? [model] : [model, ...configured];
  }

  #pricesOf(name: string): Prices {
    const known = this.#byName.get(name);
    if (known) return known;
    const prices = this.#readPrices(this.#router.model_group_alias?.[name] ?? name, mostLevels);
    // Names that match an asterisk are the caller's own words.
    if (this.#byName.size < mostNames) this.#byName.set(name, prices);
    return prices;
  }

  #readPrices(name: string, levels: number): Prices {
    const combined = levels > 0 ? this.#models.combinedModels().find(({ modelName }) => modelName === name) : undefined;
    if (combined) return { all: combined.members.map((member) => this.#readPrices(member, levels - 1)) };
    const profiles = this.#profiles.get(name) ?? this.#profiles.get(this.#models.wildcardOf(name) ?? name);
    return { oneOf: profiles ?? [undefined] };
  }
}

const rereadMs = 1_000;
const mostNames = 1_000;
/** Combined models may be members of each other, and configurations know no loops; this bounds the work all the same. */
const mostLevels = 8;

/** Prices of the deployments one of which answers, or of members that are all asked. */
type Prices = { readonly oneOf: readonly (Profile | undefined)[] } | { readonly all: readonly Prices[] };

function costOf(prices: Prices, size: RequestSize, unknown: number): number {
  if ("all" in prices) return prices.all.reduce((sum, member) => sum + costOf(member, size, unknown), 0);
  let most = 0;
  for (const profile of prices.oneOf) most = Math.max(most, costAt(profile, size, unknown));
  return most;
}

function costAt(profile: Profile | undefined, size: RequestSize, unknown: number): number {
  const { price } = profile ?? {};
  if (!profile || !price) return profile?.billing === "compute" ? 0 : unknown;
  const { perSearchUnit = 0, perToken = 0, perOutputToken = 0 } = price;
  const searches = perSearchUnit === 0 ? 0 : searchesOf(profile, size) * perSearchUnit;
  if (perToken === 0 && perOutputToken === 0) return searches;
  // Who ranks long lists in windows reads documents twice.
  const times = profile.scoring === "listwise" ? 2 : 1;
  const tokens = size.tokens * perToken + size.documents * answerTokens * perOutputToken;
  return searches + times * tokens;
}

/** Tokens that a model writes for a document: a number, a few words around it. */
const answerTokens = 16;

/** One unit for each call and 100 documents begun; a long document counts as several (Cohere: of 500 tokens, with the query). */
function searchesOf({ limits }: Profile, size: RequestSize): number {
  const calls = Math.max(1, Math.ceil(size.documents / (limits.documentsPerCall ?? Number.POSITIVE_INFINITY)));
  return Math.max(calls, Math.ceil(size.counted / documentsPerSearch));
}

const documentsPerSearch = 100;
const tokensPerCountedDocument = 500;

/** Sizes that are computed when a price asks for them. */
class RequestSize {
  readonly documents: number;
  readonly #request: AskedRequest;
  #tokens: number | undefined;
  #counted: number | undefined;

  constructor(request: AskedRequest) {
    this.#request = request;
    this.documents = Array.isArray(request.documents) ? request.documents.length : 0;
  }

  get tokens(): number {
    return (this.#tokens ??= probableTokens(this.#request));
  }

  /** Documents as upstreams count them that bill long ones several times. */
  get counted(): number {
    return (this.#counted ??= this.#count());
  }

  #count(): number {
    const { query, documents } = this.#request;
    if (!Array.isArray(documents)) return 0;
    let ofQuery: number | undefined;
    let counted = 0;
    for (const document of documents)
      if (isShort(query) && isShort(document)) counted += 1;
      else {
        ofQuery ??= glanceAt(query);
        counted += Math.max(1, Math.ceil((ofQuery + glanceAt(document)) / tokensPerCountedDocument));
      }
    return counted;
  }
}

/** Tokens of a request, rather too many than too few: of each document, and of the query once for each. */
export function probableTokens({ query, documents }: AskedRequest): number {
  if (!Array.isArray(documents)) return 0;
  let tokens = documents.length * (tokensOf(query) + specialTokens);
  for (const document of documents) tokens += tokensOf(document);
  return tokens;
}

/** Around a query and a document. */
const specialTokens = 4;

function tokensOf(value: unknown): number {
  return sumOfTexts(value, cautiousTokens);
}

/**
 * Tokens of texts that are not read for it, because this is asked for each document of large requests: 4 letters to a token of ASCII. Letters
 * of more bytes have tokens of their own: one for each of 2 bytes, as in Cyrillic, and one and a half for each of 3, as in Chinese.
 */
function glanceAt(value: unknown): number {
  return sumOfTexts(value, (text) => text.length / 4 + (Buffer.byteLength(text) - text.length) * tokensOfMoreByte);
}

const tokensOfMoreByte = 5 / 8;

/** Of so few letters that two of them are less than a document that counts once, whatever their script: a letter has 3 bytes at most. */
function isShort(value: unknown): boolean {
  return typeof value === "string" && value.length <= mostShort;
}

const mostShort = Math.floor(tokensPerCountedDocument / 2 / (1 / 4 + 2 * tokensOfMoreByte));

function sumOfTexts(value: unknown, of: (text: string) => number, depth = 0): number {
  if (typeof value === "string") return of(value);
  if (typeof value !== "object" || value === null || depth > deepest) return 0;
  let sum = 0;
  for (const [name, inner] of Object.entries(value)) sum += name.length / 2 + sumOfTexts(inner, of, depth + 1);
  return Math.ceil(sum);
}

const deepest = 64;

/** Of a list such as `["model"]`, or `[{ "from": ["model"] }]`. */
function namesIn(fallbacks: unknown): readonly string[] {
  if (!Array.isArray(fallbacks)) return [];
  return fallbacks
    .flatMap((choice: unknown) =>
      typeof choice === "object" && choice !== null ? Object.values(choice).flat() : [choice],
    )
    .filter((name): name is string => typeof name === "string");
}
