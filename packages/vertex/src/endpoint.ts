import { findPlace } from "@dheera-ai/core/provider-utils";

/** Where a deployment's documents go, when its project is known. */
export interface Endpoint {
  /** Whether Google's credentials of the environment may go there. */
  readonly isGoogle: boolean;
  urlFor(project: string): string;
}

/**
 * Google's own address for the location, or `api_base`: what Google has at `https://…googleapis.com` is asked there too,
 * from its version on.
 * @throws DheeraError `invalid_request` when `api_base` is no usable URL
 */
export function findEndpoint(apiBase: string | undefined, location: string): Endpoint {
  const host = location === "us" || location === "eu" ? `${location}-discoveryengine` : "discoveryengine";
  const rules = { provider: "vertex_ai", publicBase: `https://${host}.googleapis.com` };
  const { url: base } = findPlace(rules, apiBase, {});
  return {
    isGoogle: base.protocol === "https:" && base.port === "" && base.hostname.endsWith(".googleapis.com"),
    urlFor: (project) => {
      const url = new URL(base);
      const own = base.pathname === "/" ? "" : base.pathname;
      if (!own.endsWith(":rank")) {
        const version = /\/v\d\w*$/.test(own) ? "" : "/v1";
        url.pathname = `${own}${version}/projects/${project}/locations/${location}/rankingConfigs/default_ranking_config:rank`;
      }
      return url.href;
    },
  };
}
