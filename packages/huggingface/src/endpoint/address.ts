/** An `api_base` taken apart. */
export interface Address {
  /** The base itself when it names the rerank route. */
  readonly exact: string | undefined;
  /** Whether the base ends in a version such as `/v1`. */
  readonly isVersioned: boolean;
  /** A path under the base, route and version left out. */
  at(path: string): string;
  /** A path beside the rerank route: under the version where the base has one. */
  beside(path: string): string;
}

const rerankRoute = /\/(?:rerank|reranking)$/;
const version = /\/v\d+$/;

/** Takes the rerank route and the version off a base, whose query string every address keeps. */
export function parseAddress(url: URL): Address {
  const parent = url.pathname.replace(rerankRoute, "").replace(/\/$/, "");
  const root = parent.replace(version, "");
  const join = (base: string, path: string): string => `${url.origin}${base}${path}${url.search}`;
  return {
    exact: rerankRoute.test(url.pathname) ? url.href : undefined,
    isVersioned: parent !== root,
    at: (path) => join(root, path),
    beside: (path) => join(parent, path),
  };
}
