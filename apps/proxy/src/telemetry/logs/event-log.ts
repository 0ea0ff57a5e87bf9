import type { DheeraEvent, Observer } from "@dheera-ai/core";

import type { Logger } from "../telemetry.ts";
import { describeError } from "./describe-error.ts";

/**
 * Logs the events of deployments. Events that make a request slower or change its answer are warnings.
 * @param now milliseconds that never go back
 */
export function eventLog(log: Logger, now: () => number = () => performance.now()): Observer {
  const warned = new Map<string, number>();
  /** A server that is away makes the same line at every request: one a minute is a warning. */
  const repeatedly = (deployment: string): "warn" | "debug" => {
    const last = warned.get(deployment);
    if (last !== undefined && now() - last < repeatAfterMs) return "debug";
    warned.set(deployment, now());
    return "warn";
  };
  return {
    event(event) {
      switch (event.type) {
        case "cooldown":
          return log.warn(
            `${event.deployment} is left alone for ${event.seconds} s after ${event.code}`,
            fieldsOf(event),
          );
        case "silent":
          return log.warn(
            `${event.deployment} has answered nothing for ${Math.round(event.milliseconds)} ms; others take its calls until it does`,
            fieldsOf(event),
          );
        case "recovered":
          warned.delete(event.deployment);
          return log.info(`${event.deployment} serves again`, fieldsOf(event));
        case "unknown-server":
          return log[repeatedly(event.deployment)](
            `${event.deployment} did not say what it is: ${event.code}`,
            fieldsOf(event),
          );
        case "starting":
          return log.info(`${event.deployment} is starting`, fieldsOf(event));
        case "defect":
          // The operator has to know also when a retry or a fallback saved the request.
          return log.error(`the provider of ${event.deployment} has a programming error`, {
            event: event.type,
            call_id: event.callId,
            deployment: event.deployment,
            cause: describeError(event.cause),
          });
        case "blocked":
          return log.warn(
            `the provider ${event.provider} of ${event.deployment} kept every request waiting for ${event.milliseconds} ms in ${event.during}`,
            fieldsOf(event),
          );
        case "fallback":
          return log.warn(`${event.from} could not serve, falling back to ${event.to}`, fieldsOf(event));
        case "retry":
          return log.debug(`a batch is sent again after ${event.code} of ${event.deployment}`, fieldsOf(event));
        case "shadow":
          // A second model that fails is seen in the metrics; a line for each of its requests would drown the log.
          return event.outcome === "failed"
            ? log[repeatedly(`${event.modelName} ${event.shadow}`)](
                `${event.shadow}, the shadow of ${event.modelName}, could not rank: ${event.reason}`,
                fieldsOf(event),
              )
            : log.debug(`the shadow ${event.shadow} of ${event.modelName}: ${event.outcome}`, fieldsOf(event));
        case "passthrough":
          // The line of the request itself has it.
          return undefined;
      }
    },
  };
}

const repeatAfterMs = 60_000;

function fieldsOf({ type, callId, ...fields }: DheeraEvent): Record<string, unknown> {
  return { event: type, ...(callId !== undefined && { call_id: callId }), ...fields };
}
