import type { Observer } from "@dheera-ai/core";

import type { Telemetry } from "./telemetry.ts";

/** A part of telemetry: metrics, traces or logs. It observes the events that it has a method for. */
export type Watcher = Omit<Telemetry, "log" | "metrics" | "watch">;

type Around = NonNullable<Telemetry["around"]>;
type Call = NonNullable<Observer["call"]>;

/**
 * Joins several watchers into one, the first outermost. A method that no watcher has stays absent, so that nothing is
 * computed for it.
 */
export function combine(watchers: readonly Watcher[]): Watcher {
  const around = nestAround(watchers.flatMap((watcher) => watcher.around ?? []));
  const observer = combineObservers(watchers.flatMap((watcher) => watcher.observer ?? []));
  const starters = watchers.flatMap((watcher) => watcher.requestStarted ?? []);
  const enders = watchers.flatMap((watcher) => watcher.requestEnded ?? []);
  const closers = watchers.flatMap((watcher) => watcher.close ?? []);
  const outgoingHeaders = watchers.find((watcher) => watcher.outgoingHeaders)?.outgoingHeaders;
  return {
    ...(around && { around }),
    ...(observer && { observer }),
    ...(outgoingHeaders && { outgoingHeaders }),
    requestStarted() {
      for (const started of starters) started();
    },
    requestEnded(facts) {
      for (const ended of enders) ended(facts);
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

function combineObservers(observers: readonly Observer[]): Observer | undefined {
  const call = nestCall(observers.flatMap((observer) => observer.call ?? []));
  const listeners = observers.flatMap((observer) => observer.event ?? []);
  if (!call && listeners.length === 0) return undefined;
  return {
    ...(call && { call }),
    event(event) {
      for (const listen of listeners) listen(event);
    },
  };
}

function nestAround([outer, ...inner]: readonly Around[]): Around | undefined {
  const rest = inner.length === 0 ? undefined : nestAround(inner);
  return outer && rest ? (start, run) => outer(start, () => rest(start, run)) : outer;
}

function nestCall([outer, ...inner]: readonly Call[]): Call | undefined {
  const rest = inner.length === 0 ? undefined : nestCall(inner);
  return outer && rest ? (facts, run) => outer(facts, () => rest(facts, run)) : outer;
}
