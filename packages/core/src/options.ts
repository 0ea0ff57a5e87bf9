import type { Provider } from "./contract.ts";
import type { Observer, RequestReport } from "./observer.ts";
import type { ScoreCache } from "./reuse/score-cache.ts";
import type { ModelEntry, RequestLimits, RouterSettings } from "./routing/settings.ts";
import type { Transport } from "./upstream/http.ts";

export interface DheeraOptions {
  readonly providers: readonly Provider[];
  /** Name of the provider for a model without a known prefix that comes with an `api_base`. */
  readonly defaultProvider?: string | undefined;
  /** Deployments by model name. Without them `model` is `<provider>/<model>`. */
  readonly model_list?: readonly ModelEntry[] | undefined;
  readonly router_settings?: RouterSettings | undefined;
  readonly limits?: RequestLimits | undefined;
  /** Belongs to the caller: `close()` leaves it open. */
  readonly cache?: ScoreCache | undefined;
  readonly transport?: Transport | undefined;
  readonly observer?: Observer | undefined;
}

export interface RerankOptions {
  /** Overrides the request's own. */
  readonly signal?: AbortSignal | undefined;
  /** Becomes the response's `id`; a UUID when absent. */
  readonly callId?: string | undefined;
  /** Filled in while the request runs, also when it fails. Made with `newReport()`. */
  readonly report?: RequestReport | undefined;
}
