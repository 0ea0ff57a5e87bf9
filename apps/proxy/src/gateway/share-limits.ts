import type { DeploymentParams, Profile, Provider, Scorer, ShadowParams } from "@dheera-ai/core";

import type { Config, KeySettings } from "../config/config.ts";

/** One of several processes that serve together. */
export interface Share {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * This process's part of a limit; the parts add up to the whole. With a limit below the number of processes each
 * process gets one.
 */
export function shareOf(limit: number, { index, count }: Share): number {
  return Math.max(1, Math.floor(limit / count) + (index < limit % count ? 1 : 0));
}

/**
 * The configuration with this process's part of every limit that each process counts by itself.
 * @param sharesMinutes processes divide `rpm` of deployments among them while they run
 */
export function shareConfig(config: Config, share: Share, sharesMinutes = false): Config {
  const { general_settings: settings } = config;
  const part = (limit: number | undefined): number | undefined =>
    limit === undefined ? undefined : shareOf(limit, share);
  return {
    ...config,
    general_settings: {
      ...settings,
      ...defined({
        max_parallel_requests: part(settings.max_parallel_requests),
        global_max_parallel_requests: part(settings.global_max_parallel_requests),
        max_request_memory_mb: part(settings.max_request_memory_mb),
      }),
      keys: settings.keys.map((key): KeySettings =>
        Object.assign({}, key, defined({ max_parallel_requests: part(key.max_parallel_requests) })),
      ),
    },
    model_list: config.model_list.map((entry) => {
      const params = entry.dheera_ai_params;
      const parts = {
        rpm: sharesMinutes ? params.rpm : part(params.rpm),
        max_parallel_requests: part(params.max_parallel_requests),
        max_documents_in_flight: part(params.max_documents_in_flight),
        shadow: params.shadow && shareShadow(params.shadow, share),
      } satisfies Partial<DeploymentParams>;
      return Object.assign({}, entry, { dheera_ai_params: Object.assign({}, params, defined(parts)) });
    }),
  };
}

function shareShadow(shadow: ShadowParams, share: Share): ShadowParams {
  const { max_parallel: parallel = 4, max_cost_per_day: cost } = shadow;
  return {
    ...shadow,
    max_parallel: shareOf(parallel, share),
    ...(cost !== undefined && { max_cost_per_day: cost / share.count }),
  };
}

/** The same provider, with this process's part of the documents that its servers score at one time. */
export function shareProvider(provider: Provider, share: Share): Provider {
  const { name, optionNames } = provider;
  return {
    name,
    ...(optionNames && { optionNames }),
    connect: (target) => shareScorer(provider.connect(target), share),
  };
}

function shareScorer(scorer: Scorer, share: Share): Scorer {
  // Core recognises a new profile by its identity, so each profile is divided only once.
  const shared = new WeakMap<Profile, Profile>();
  const shareProfile = (profile: Profile): Profile => {
    const known = shared.get(profile) ?? divide(profile, share);
    shared.set(profile, known);
    return known;
  };
  return everyMember({
    profile(signal) {
      const profile = scorer.profile(signal);
      return profile instanceof Promise ? profile.then(shareProfile) : shareProfile(profile);
    },
    confirm:
      scorer.confirm &&
      ((signal) => {
        const profile = scorer.confirm?.(signal) ?? scorer.profile(signal);
        return profile instanceof Promise ? profile.then(shareProfile) : shareProfile(profile);
      }),
    score: (call) => scorer.score(call),
    countTokens: scorer.countTokens && (async (texts, signal) => scorer.countTokens?.(texts, signal)),
    wake: scorer.wake && (async (signal) => scorer.wake?.(signal)),
    get check() {
      return scorer.check && (async (signal: AbortSignal) => scorer.check?.(signal));
    },
    // One that is loaded late knows of them from then on.
    processes: () => scorer.processes?.(),
    close: scorer.close && (() => scorer.close?.()),
    takesProviderOptions: scorer.takesProviderOptions,
    asksDetails: scorer.asksDetails && ((options, params) => scorer.asksDetails?.(options, params) ?? false),
  });
}

/**
 * Requires optional members as well, so that a new member of the contract does not compile before it is passed on here.
 */
function everyMember(scorer: { [Member in keyof Required<Scorer>]: Scorer[Member] }): Scorer {
  return scorer;
}

function divide(profile: Profile, share: Share): Profile {
  const { documentsInFlight } = profile.limits;
  if (documentsInFlight === undefined) return profile;
  return { ...profile, limits: { ...profile.limits, documentsInFlight: shareOf(documentsInFlight, share) } };
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
