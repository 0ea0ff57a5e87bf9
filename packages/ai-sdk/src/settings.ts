import type { Dheera } from "dheera-ai";

/** Who ranks: a proxy, or this process. */
export type DheeraAISettings = ProxySettings | InProcessSettings;

/** A Dheera AI proxy, whose model names are the ids of the models. */
export interface ProxySettings {
  /** Its address, with or without `/v1`. */
  readonly baseURL: string;
  /** Sent as `Authorization: Bearer …`. No key of the environment is sent to a `baseURL`. */
  readonly apiKey?: string | undefined;
  /** Sent with every request; those of one call win over them. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly dheera?: never;
}

/** This process. */
export interface InProcessSettings {
  /**
   * An instance of `createDheera`, for a `model_list`, caches or providers of one's own. It stays the caller's, who closes
   * it. The official providers with keys from the environment when absent.
   */
  readonly dheera?: Pick<Dheera, "rerank"> | undefined;
  readonly baseURL?: never;
  readonly apiKey?: never;
  readonly headers?: never;
}
