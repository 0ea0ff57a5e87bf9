import type { TakeSnapshot } from "../telemetry.ts";

/** The label value for every name that is not configured, so that callers cannot make new label values. */
export const other = "other";
/** The label value for an absent name. */
export const none = "none";

/** Makes label values of names: configured names stay, all others become `other`. */
export class LabelValues {
  readonly #takeSnapshot: TakeSnapshot;

  constructor(takeSnapshot: TakeSnapshot) {
    this.#takeSnapshot = takeSnapshot;
  }

  model(name: string): string {
    return name === none || this.#takeSnapshot()?.dheera.models().includes(name) ? name : other;
  }

  key(name: string): string {
    return ownCallers.has(name) || this.#takeSnapshot()?.keyNames.has(name) ? name : other;
  }
}

/** Callers without an entry under `keys`. */
const ownCallers: ReadonlySet<string> = new Set([none, "master", "local", "shadow"]);
