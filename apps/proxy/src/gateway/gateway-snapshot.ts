import type { Gateway } from "./gateway.ts";
import type { Subject } from "../telemetry/subject.ts";

/** What telemetry may know of a gateway. */
export function subjectOf({ dheera, config, cache }: Pick<Gateway, "dheera" | "config" | "cache">): Subject {
  return {
    dheera,
    keyNames: config.general_settings.keys.map(({ name }) => name),
    ...(cache && { cache: cache.value.stats() }),
  };
}
