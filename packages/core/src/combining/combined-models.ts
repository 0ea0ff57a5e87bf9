import type { CombinedModel, Combination } from "../combination.ts";
import type { Calibration } from "../response/calibration.ts";
import type { Group } from "../routing/route.ts";
import type { ModelEntry } from "../routing/settings.ts";

/** One entry of `model_list` that asks other models. */
export interface CombinedEntry {
  readonly id: string;
  readonly entry: ModelEntry;
  /** The plug-in: `cascade`. */
  readonly combination: string;
  readonly model: CombinedModel;
  readonly calibration: Calibration | undefined;
}

/** What is known of a combined model, fit to be shown. */
export interface CombinedStatus {
  readonly id: string;
  readonly modelName: string;
  /** `cascade/cheap-then-good`. */
  readonly model: string;
  /** The model names that it asks, as they are configured. */
  readonly members: readonly string[];
}

/**
 * The combined models of a configuration. Each has a group without deployments, so that aliases, fallbacks and permissions
 * find it by its name as they find any other model.
 */
export class CombinedModels {
  readonly #byGroup = new Map<Group, CombinedEntry>();

  add(group: Group, entry: CombinedEntry): void {
    this.#byGroup.set(group, entry);
  }

  of(group: Group): CombinedEntry | undefined {
    return this.#byGroup.get(group);
  }

  areIn(groups: readonly Group[]): boolean {
    // A loop, because every request asks.
    for (const group of groups) if (this.#byGroup.has(group)) return true;
    return false;
  }

  statuses(): readonly CombinedStatus[] {
    return [...this.#byGroup.values()].map(({ id, entry, model }) => ({
      id,
      modelName: entry.model_name,
      model: entry.dheera_ai_params.model,
      members: model.models,
    }));
  }
}

/** The plug-in that an entry's model names; undefined for a model of a provider. */
export function combinationOf(
  { dheera_ai_params: { model } }: ModelEntry,
  combinations: readonly Combination[],
): Combination | undefined {
  if (combinations.length === 0) return undefined;
  const prefix = model.slice(0, Math.max(0, model.indexOf("/")));
  return combinations.findLast(({ name }) => name === prefix);
}
