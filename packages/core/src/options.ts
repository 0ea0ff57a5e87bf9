import type { Combination } from "./combination.ts";
import type { Provider } from "./contract.ts";
import type { ShareDeployment } from "./deployment/sharing.ts";
import type { Observer, RequestReport } from "./observer.ts";
import type { Priority } from "./request/api.ts";
import type { ScoreCache } from "./reuse/score-cache.ts";
import type { ModelEntry, RequestLimits, RouterSettings } from "./routing/settings.ts";
import type { Transport } from "./upstream/transport.ts";

/** The models of `createDheera`, and how they are asked. */
export interface DheeraOptions {
  readonly providers: readonly Provider[];
  /** Plug-ins for entries of `model_list` that ask other models of it: `cascade/…`, `fusion/…`, `split/…`. */
  readonly combinations?: readonly Combination[] | undefined;
  /** Name of the provider for a model without a known prefix that comes with an `api_base`. */
  readonly defaultProvider?: string | undefined;
  /** Deployments by model name. Without them `model` is `<provider>/<model>`. */
  readonly model_list?: readonly ModelEntry[] | undefined;
  readonly router_settings?: RouterSettings | undefined;
  readonly limits?: RequestLimits | undefined;
  /** Belongs to the caller: `close()` leaves it open. */
  readonly cache?: ScoreCache | undefined;
  /** Another transport for one of `model_list`; the common one where it is absent or gives none. */
  readonly transportOf?: (entry: ModelEntry) => Transport | undefined;
  readonly transport?: Transport | undefined;
  readonly observer?: Observer | undefined;
  /** Lets several processes decide together what each may have in flight at a server, and whether it gets calls. */
  readonly share?: ShareDeployment | undefined;
}

/** Whom a request is for: a customer, a team, a key. */
export interface Tenant {
  readonly id: string;
  /**
   * 0 (default) is the highest. Its share of a deployment that is busy is 1 / (1 + priority): beside a tenant with 0, one
   * with 1 gets half as many documents, one with 9 a tenth. `background`: all its requests are in the background.
   */
  readonly priority?: Priority | undefined;
}

/** For whom a request is, and what its caller has no say in. */
export interface RerankOptions {
  /**
   * Deployments are shared fairly between tenants, then between the requests of each; who has many requests waits for
   * itself. Requests without one belong to one tenant together.
   */
  readonly tenant?: Tenant | undefined;
  /**
   * A person or a conversation: a model that is split between several sends the same session to the same one. The tenant
   * counts where it is absent.
   */
  readonly session?: string | undefined;
  /** Scores in the cache are shared only within it, and within the request's own namespace inside of it. */
  readonly cacheNamespace?: string | undefined;
  /** The only model names that may serve as fallbacks; all that are configured when absent. */
  readonly fallbackModels?: readonly string[] | undefined;
  /** The only model names that the request's own `fallbacks` may name; all that are configured when absent. */
  readonly requestFallbackModels?: readonly string[] | undefined;
  /**
   * Called with the number of chunks where `long_documents` made more texts of the documents, before they are scored, once
   * for each fingerprint that is tried. What it throws refuses the request.
   */
  readonly beforeChunks?: ((chunks: number) => void | Promise<void>) | undefined;
  /**
   * Calls `run` once the answer was given, for what comes after it (`shadow`); by default in a later turn of the event loop.
   */
  readonly afterAnswer?: ((run: () => void) => void) | undefined;
  /** Overrides the request's own. */
  readonly signal?: AbortSignal | undefined;
  /** Becomes the response's `id`; a UUID when absent. */
  readonly callId?: string | undefined;
  /** Filled in while the request runs, also when it fails. Made with `newReport()`. */
  readonly report?: RequestReport | undefined;
}
