import type { RequestContext } from "../dispatch/context.ts";
import { DheeraError, isDheeraError } from "../errors.ts";
import type { RerankOptions } from "../options.ts";
import type { RerankResponse } from "../request/api.ts";
import type { CheckedRequest } from "../request/parse-request.ts";
import type { ModelRegistry } from "../routing/model-registry.ts";
import { type Group, type Route, reportFallback, routeFor } from "../routing/route.ts";
import type { CombinedEntry } from "./combined-models.ts";
import { rankCombined } from "./rank-combined.ts";

/** What a question to a model needs beside the request. */
export interface Asking {
  readonly registry: ModelRegistry;
  readonly options: RerankOptions;
  /** The ranking by deployments. */
  readonly byRoute: (
    route: Route,
    registry: ModelRegistry,
    request: CheckedRequest,
    context: RequestContext,
  ) => Promise<RerankResponse>;
  /** Model names of the combined models that this question came through, the outermost first. */
  readonly path: readonly string[];
}

/**
 * The ranking by the first of several model names that can, where some of them are combined models: those that are ready come
 * first, and deployments that would have to be waited for last, as a `Route` does for deployments alone.
 * @throws DheeraError the last failure, or the first that trying elsewhere cannot cure
 */
export async function rankByChain(
  asking: Asking,
  groups: readonly Group[],
  request: CheckedRequest,
  context: RequestContext,
): Promise<RerankResponse> {
  const { path } = asking;
  const links = linksOf(asking, groups, request, context);
  const chain = new Chain(context);
  for (const link of links) {
    const response = await chain.tryLink(link, () =>
      link.combined
        ? rankByMembers(asking, link.combined, request, context)
        : asking.byRoute(link.route, asking.registry, request, context),
    );
    if (response) return response;
  }
  for (const link of links) {
    if (link.combined) continue;
    link.route.follow(false);
    const response = await chain.tryLink(link, () => asking.byRoute(link.route, asking.registry, request, context));
    if (response) return response;
  }
  return chain.fail(path, request.model);
}

/** A combined model, or the plain models up to the next one. */
type Link = { readonly combined: CombinedEntry } | { readonly combined?: undefined; readonly route: Route };

/** Combined models that this question came through are left out: they would ask it again. */
function linksOf(
  { registry, path }: Asking,
  groups: readonly Group[],
  request: CheckedRequest,
  context: RequestContext,
): readonly Link[] {
  const links: Link[] = [];
  let plain: Group[] = [];
  const addPlain = (): void => {
    if (plain.flat().length > 0) links.push({ route: routeFor(plain, registry, request, context) });
    plain = [];
  };
  for (const group of groups) {
    const combined = registry.combined?.of(group);
    if (!combined) plain.push(group);
    else if (!path.includes(combined.entry.model_name)) {
      addPlain();
      links.push({ combined });
    }
  }
  addPlain();
  for (const link of links.slice(0, -1)) if (!link.combined) link.route.follow(true);
  return links;
}

/** What failed so far. */
class Chain {
  readonly #context: RequestContext;
  #failed: { readonly name: string | undefined; readonly error: DheeraError } | undefined;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  /** Undefined where the next one is to be tried. @throws an error that this cannot cure */
  async tryLink(link: Link, rank: () => Promise<RerankResponse>): Promise<RerankResponse | undefined> {
    // Undefined where no deployment of it can be asked now: nobody serves in another's place then.
    const next = link.combined ? link.combined.entry.model_name : link.route.nextModel();
    const { name, error: failure } = this.#failed ?? {};
    if (failure && name !== undefined && next !== undefined && name !== next)
      reportFallback(this.#context, name, next, failure);
    try {
      return await rank();
    } catch (error) {
      if (!isDheeraError(error) || !error.retryable || this.#context.signal.aborted) throw error;
      if (next !== undefined || !this.#failed)
        this.#failed = { name: link.combined ? next : (link.route.lastModel ?? next), error };
      return undefined;
    }
  }

  /** @throws the last failure; where nothing could be tried, that the model leads back to itself */
  fail(path: readonly string[], model: string): never {
    if (this.#failed) throw this.#failed.error;
    throw new DheeraError("invalid_request", `model: leads back to itself: ${[...path, model].join(" → ")}`, {
      param: "model",
    });
  }
}

/** A combined model's ranking; those that it asks may be combined themselves. */
function rankByMembers(
  asking: Asking,
  combined: CombinedEntry,
  request: CheckedRequest,
  context: RequestContext,
): Promise<RerankResponse> {
  const { registry, options, byRoute, path } = asking;
  const within: Asking = { ...asking, path: [...path, combined.entry.model_name] };
  const askMember = async (part: CheckedRequest, own: RequestContext): Promise<RerankResponse> => {
    const lease = registry.lease(part, options);
    try {
      return await (registry.combined?.areIn(lease.groups)
        ? rankByChain(within, lease.groups, part, own)
        : byRoute(routeFor(lease.groups, registry, part, own), registry, part, own));
    } finally {
      lease.release();
    }
  };
  return rankCombined(combined, request, context, { askMember, session: options.session ?? options.tenant?.id });
}
