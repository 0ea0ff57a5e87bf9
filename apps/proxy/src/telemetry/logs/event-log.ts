import type { DheeraEvent, Observer } from "@dheera-ai/core";

import type { Logger } from "../telemetry.ts";

/** Tells what befell deployments: what makes a request slower or its answer another one is a warning. */
export function eventLog(log: Logger): Observer {
  return {
    event(event) {
      switch (event.type) {
        case "cooldown":
          return log.warn(
            `${event.deployment} is left alone for ${event.seconds} s after ${event.code}`,
            fieldsOf(event),
          );
        case "recovered":
          return log.info(`${event.deployment} serves again`, fieldsOf(event));
        case "starting":
          return log.info(`${event.deployment} is starting`, fieldsOf(event));
        case "fallback":
          return log.warn(`${event.from} could not serve, falling back to ${event.to}`, fieldsOf(event));
        case "retry":
          return log.debug(`a batch is sent again after ${event.code} of ${event.deployment}`, fieldsOf(event));
        case "passthrough":
          // The request's own line says so.
          return undefined;
      }
    },
  };
}

function fieldsOf({ type, callId, ...fields }: DheeraEvent): Record<string, unknown> {
  return { event: type, call_id: callId, ...fields };
}
