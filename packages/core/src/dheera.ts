import type { RerankRequest, RerankResponse } from "./request/api.ts";
import type { Provider } from "./contract.ts";
import type { DeploymentStatus } from "./deployment/deployment.ts";
import type { Transport } from "./upstream/http.ts";
import { ModelRegistry } from "./routing/model-registry.ts";
import type { Observer, RequestReport } from "./observer.ts";
import { rerank } from "./rerank.ts";
import type { ScoreCache } from "./reuse/score-cache.ts";
import type { ModelEntry, RequestLimits, RouterSettings } from "./routing/settings.ts";

export interface DheeraOptions {
  readonly providers: readonly Provider[];
  /** Name of the provider for a model without a known prefix that comes with an `api_base`. */
  readonly defaultProvider?: string;
  /** Deployments by model name. Without them `model` is `<provider>/<model>`. */
  readonly model_list?: readonly ModelEntry[];
  readonly router_settings?: RouterSettings;
  readonly limits?: RequestLimits;
  readonly cache?: ScoreCache;
  readonly transport?: Transport;
  readonly observer?: Observer;
}

export interface RerankOptions {
  /** Wins over the request's own. */
  readonly signal?: AbortSignal;
  /** Becomes the response's `id`; a UUID when absent. */
  readonly callId?: string;
  /** Filled in while the request runs, also when it fails. Made with `newReport()`. */
  readonly report?: RequestReport;
}

export interface Dheera {
  /**
   * Ranks documents by their relevance to a query.
   * @throws DheeraError; its `code` says whose fault it is.
   */
  rerank(request: RerankRequest, options?: RerankOptions): Promise<RerankResponse>;
  /** The model names one can ask for, aliases included, in the order of the configuration. */
  models(): readonly string[];
  /** What is known of each configured deployment now; asks no server. */
  deployments(): readonly DeploymentStatus[];
  /** Scores one tiny pair at a configured deployment. @throws DheeraError */
  check(deploymentId: string, signal?: AbortSignal): Promise<void>;
}

/** Connects providers and deployments. Opens nothing: the first request does. @throws DheeraError when an entry names an unknown provider. */
export function createDheera(options: DheeraOptions): Dheera {
  const registry = new ModelRegistry(options);
  return {
    rerank: (request, rerankOptions = {}) =>
      rerank(registry, request, { ...rerankOptions, signal: rerankOptions.signal ?? signalOf(request) }),
    models: () => registry.models(),
    deployments: () => registry.deployments().map((deployment) => deployment.status()),
    check: async (id, signal) => (await import("./deployment/probe.ts")).check(registry, id, signal),
  };
}

/** A body that came over HTTP may have a field of this name, which means nothing. */
function signalOf({ signal }: RerankRequest): AbortSignal | undefined {
  return signal instanceof AbortSignal ? signal : undefined;
}
