import type { Provider } from "./contract.ts";
import type { Observer, RequestReport } from "./observer.ts";
import type { ScoreCache } from "./reuse/score-cache.ts";
import type { ModelEntry, RequestLimits, RouterSettings } from "./routing/settings.ts";
import type { Transport } from "./upstream/http.ts";

export interface DheeraOptions {
  readonly providers: readonly Provider[];
  /** Name of the provider for a model without a known prefix that comes with an `api_base`. */
  readonly defaultProvider?: string;
  /** Deployments by model name. Without them `model` is `<provider>/<model>`. */
  readonly model_list?: readonly ModelEntry[];
  readonly router_settings?: RouterSettings;
  readonly limits?: RequestLimits;
  /** Belongs to the caller: `close()` leaves it open. */
  readonly cache?: ScoreCache;
  readonly transport?: Transport;
  readonly observer?: Observer;
}

export interface RerankOptions {
  /** Overrides the request's own. */
  readonly signal?: AbortSignal;
  /** Becomes the response's `id`; a UUID when absent. */
  readonly callId?: string;
  /** Filled in while the request runs, also when it fails. Made with `newReport()`. */
  readonly report?: RequestReport;
}
