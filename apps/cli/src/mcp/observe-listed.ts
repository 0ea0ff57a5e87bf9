import type { CallFacts, Observer } from "@dheera-ai/core";

/**
 * Tells of calls by the names that are listed, and calls all others `other`: callers may invent any, and each would be a
 * time series of its own. Of a configuration, whose names are few, all are told.
 */
export function observeListed(observer: Observer, listed: ReadonlySet<string> | undefined): Observer {
  const named = (facts: CallFacts): CallFacts =>
    listed === undefined || listed.has(facts.modelName)
      ? facts
      : { ...facts, modelName: other, deployment: other, model: other };
  return {
    call: (facts, run) => (observer.call ? observer.call(named(facts), run) : run()),
    event(event) {
      // Counted where a request's end is told, which there is none of here: each would be kept for ever.
      if (event.type !== "fallback") observer.event?.(event);
    },
  };
}

const other = "other";
