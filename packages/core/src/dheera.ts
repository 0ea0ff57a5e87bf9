import type { CombinedStatus } from "./combining/combined-models.ts";
import { type CheckOptions, probe } from "./deployment/probe.ts";
import type { DeploymentStatus } from "./deployment/deployment.ts";
import { requireNode } from "./lib/node-version.ts";
import { DheeraError } from "./errors.ts";
import type { DheeraOptions, RerankOptions } from "./options.ts";
import type {
  RerankDocument,
  RerankRequest,
  RerankResponse,
  RerankResponseWithDocuments,
  ReturnedDocument,
} from "./request/api.ts";
import { rerank } from "./rerank.ts";
import { ModelRegistry } from "./routing/model-registry.ts";

/** One API over every configured reranker; it is closed when it is no longer used. */
export interface Dheera extends AsyncDisposable {
  /**
   * Ranks documents by their relevance to a query. Every failure rejects; nothing is thrown before.
   * @throws DheeraError; its `code` says whose fault it is.
   */
  readonly rerank: Rerank;
  /** The model names one can ask for, aliases included, in the order of the configuration. */
  models(): readonly string[];
  /** The configured name with an asterisk (`huggingface/*`) that stands for this one; undefined where there is none. */
  wildcardOf(model: string): string | undefined;
  /** What is known of each configured deployment now; asks no server. One whose name has an asterisk is all its models together. */
  deployments(): readonly DeploymentStatus[];
  /** The configured models that ask others, and which. */
  combinedModels(): readonly CombinedStatus[];
  /** Scores one tiny pair at a configured deployment, unless its provider can tell without. @throws DheeraError */
  check(deploymentId: string, signal?: AbortSignal, options?: CheckOptions): Promise<void>;
  /**
   * Takes no more requests, lets those that run end, and closes what providers hold: models in the process,
   * connections. Also by `await using`. The second call waits for the first. @throws what a provider throws when it
   * closes, after all were closed.
   */
  close(): Promise<void>;
}

/** Ranks documents; with `return_documents: true` each result holds its document, of the caller's own type. */
export interface Rerank {
  <Document extends RerankDocument>(
    request: RerankRequest<Document> & { readonly return_documents: true },
    options?: RerankOptions,
  ): Promise<RerankResponseWithDocuments<ReturnedDocument<Document>>>;
  <Document extends RerankDocument>(
    request: RerankRequest<Document>,
    options?: RerankOptions,
  ): Promise<RerankResponse<ReturnedDocument<Document>>>;
  (request: RerankRequest, options?: RerankOptions): Promise<RerankResponse>;
}

/**
 * Connects providers and deployments. Opens nothing: the first request does.
 * @throws DheeraError when there are no providers, an entry names an unknown one, or Node.js is too old.
 */
export function createDheera(options: DheeraOptions): Dheera {
  requireNode();
  requireProviders(options);
  const registry = new ModelRegistry(options);
  return {
    rerank: rerankWith(registry),
    models: () => registry.models(),
    wildcardOf: (model) => registry.wildcardOf(model),
    deployments: () => registry.statuses(),
    combinedModels: () => registry.combined?.statuses() ?? [],
    check: (id, signal, checking) => registry.withDeployment(id, (deployment) => probe(deployment, signal, checking)),
    close: () => registry.close(),
    [Symbol.asyncDispose]: () => registry.close(),
  };
}

/** The documents that come back are the caller's own, see `resultsOf`. */
function rerankWith(registry: ModelRegistry): Rerank {
  const rank: (request: RerankRequest, options?: RerankOptions) => Promise<RerankResponse> = (request, options) =>
    rerank(registry, request, options ?? noOptions);
  return rank as Rerank;
}

const noOptions: RerankOptions = {};

/** A program without types hears what it forgot, and not what that broke. */
function requireProviders(options: Partial<DheeraOptions> | null | undefined): void {
  const providers: unknown = options?.providers;
  if (Array.isArray(providers) && providers.every(isProvider)) return;
  throw new DheeraError(
    "invalid_request",
    "providers: createDheera needs a list of providers ({ name, connect }): createDheera({ providers: [provider] })",
    { param: "providers" },
  );
}

function isProvider(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && typeof value.name === "string" && "connect" in value && typeof value.connect === "function";
}
