import type { Gateway } from "@dheera-ai/proxy";

import { type Entry, withMembers } from "./resolve-model.ts";

/**
 * Everything that a model's rankings follow from, as text: its entries and those of the models that it asks, without
 * what is secret or has no influence on a ranking. A hash of it is kept, never the text.
 */
export function identityOf(name: string, gateway: Pick<Gateway, "config" | "dheera">, version: string): string {
  const entries = [...withMembers([name], gateway)].map(([each, resolved]) => [
    each,
    resolved.entries.map(({ dheera_ai_params }) => significant(dheera_ai_params)),
  ]);
  return JSON.stringify([version, entries, gateway.config.providers]);
}

/** Keys in a settled order, because the same parameters in another order are the same. */
function significant(params: Entry["dheera_ai_params"]): object {
  return Object.fromEntries(
    Object.entries(params)
      .filter(([key, value]) => value !== undefined && !isWithoutInfluence.test(key))
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** Credentials, which may be renewed, and what only says how often and how long a server is asked. */
const isWithoutInfluence =
  /(^|_)(key|secret|token|password|credentials?|headers)(_id)?$|^(weight|order|rpm|tpm|timeout|max_retries|max_parallel_requests|hedge|on_error|shadow)$/;
