import { type Dheera, isDheeraError, isWildcard } from "@dheera-ai/core";
import * as v from "valibot";

import type { ConfiguredModel, GeneralSettings } from "../../config/config.ts";
import { type PairedDeployment, pairDeployments } from "../models/pair-deployments.ts";
import { withoutCredentials } from "../models/without-credentials.ts";

/** One deployment, as `/health` shows it. */
export interface EndpointHealth {
  readonly model_id: string;
  readonly model_name: string;
  readonly isHealthy: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Checks whether deployments serve. */
export interface HealthChecks {
  /**
   * The last results of the background checks; deployments without one are checked now, unless they were within the last
   * seconds.
   */
  results(modelNames: ReadonlySet<string>): Promise<readonly EndpointHealth[]>;
  /** By deployment, whether its last background check found it well. */
  found(): ReadonlyMap<string, boolean>;
  /** Ends the background checks. Resolves when none is in flight. */
  stop(): Promise<void>;
}

const defaultTimeout = 60;

/** A result is this many milliseconds old at most, so that who asks again and again does not call upstreams each time. */
const freshMs = 5_000;

export function createHealthChecks(
  dheera: Dheera,
  entries: readonly ConfiguredModel[],
  settings: GeneralSettings,
): HealthChecks {
  const found = new Map<string, EndpointHealth>();
  const running = new Map<string, Promise<EndpointHealth>>();
  const recent = new Map<string, { readonly result: EndpointHealth; readonly until: number }>();
  const stopping = new AbortController();

  /** Checks of one deployment at the same time share one call. */
  const check = (pair: PairedDeployment): Promise<EndpointHealth> => {
    const { id } = pair.status;
    const result = running.get(id) ?? checkDeployment(dheera, pair, stopping.signal).finally(() => running.delete(id));
    running.set(id, result);
    return result;
  };
  const checkUnlessRecent = async (pair: PairedDeployment): Promise<EndpointHealth> => {
    const { id } = pair.status;
    const known = recent.get(id);
    if (known && performance.now() < known.until) return known.result;
    const result = await check(pair);
    recent.set(id, { result, until: performance.now() + freshMs });
    return result;
  };
  /** Of a name that stands for many models there is nothing to check before a request has named one. */
  const checkable = (): readonly PairedDeployment[] =>
    pairDeployments(entries, dheera.deployments()).filter(({ status }) => !isWildcard(status.modelName));
  const checkInBackground = async (): Promise<void> => {
    const pairs = checkable().filter(({ entry }) => !infoOf(entry).disable_background_health_check);
    await Promise.all(pairs.map(async (pair) => found.set(pair.status.id, await check(pair))));
  };

  const timer = settings.background_health_checks
    ? setInterval(() => void checkInBackground(), settings.health_check_interval * 1_000)
    : undefined;
  // Checks must not keep a process alive. On other runtimes a timer is a number and has no `unref`.
  if (typeof timer === "object") timer.unref();
  if (timer !== undefined) void checkInBackground();

  return {
    results(modelNames) {
      const pairs = checkable().filter(({ status }) => modelNames.has(status.modelName));
      return Promise.all(pairs.map((pair) => found.get(pair.status.id) ?? checkUnlessRecent(pair)));
    },
    found: () => new Map([...found].map(([id, { isHealthy }]) => [id, isHealthy])),
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

async function checkDeployment(
  dheera: Dheera,
  { status, entry }: PairedDeployment,
  stopped: AbortSignal,
): Promise<EndpointHealth> {
  const seconds = infoOf(entry).health_check_timeout ?? defaultTimeout;
  const started = performance.now();
  const about = { model_id: status.id, model_name: status.modelName };
  const address = {
    model: entry.dheera_ai_params.model,
    ...(status.apiBase !== undefined && { api_base: withoutCredentials(status.apiBase) }),
  };
  try {
    await dheera.check(status.id, AbortSignal.any([stopped, AbortSignal.timeout(seconds * 1_000)]));
    return {
      ...about,
      isHealthy: true,
      details: { ...address, response_time_ms: Math.round(performance.now() - started) },
    };
  } catch (error) {
    const failure = isDheeraError(error)
      ? { code: error.code, message: error.message }
      : { code: "internal", message: "the check failed unexpectedly" };
    return { ...about, isHealthy: false, details: { ...address, error: failure } };
  }
}

const infoSchema = v.object({
  health_check_timeout: v.optional(v.number()),
  disable_background_health_check: v.optional(v.boolean()),
});

/** The check of the configuration has ensured these types. */
function infoOf({ model_info }: ConfiguredModel): v.InferOutput<typeof infoSchema> {
  return v.parse(infoSchema, model_info ?? {});
}
