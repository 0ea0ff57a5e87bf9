import type { Teams } from "@dheera-ai/teams";

import type { Config } from "../../config/config.ts";
import type { Environment } from "../../config/read/resolve-references.ts";
import type { AddedModels, AddedModelsReader } from "../../management/models/added-models.ts";
import type { Logger } from "../../telemetry/telemetry.ts";

/** Reads the deployments of the database, and says when they have changed. */
export interface AddedModelsFollower {
  /**
   * Undefined where none are kept, and then nothing of it is loaded.
   * @throws DheeraError `invalid_request` for a key of secrets that is too short
   */
  read(teams: Teams | undefined, config: Config, environment: Environment): Promise<AddedModels | undefined>;
  close(): void;
}

const retryMilliseconds = 2_000;

export function followAddedModels(changed: () => void, log: Logger): AddedModelsFollower {
  let reader: AddedModelsReader | undefined;
  let watched: { readonly teams: Teams; readonly end: () => void } | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    clearTimeout(retry);
    watched?.end();
    watched = undefined;
  };
  return {
    async read(teams, { general_settings: settings }, environment) {
      if (watched?.teams !== teams) stop();
      if (teams === undefined || !settings.store_model_in_db) return undefined;
      // Before the rows are read, so that no change falls between the two.
      watched ??= { teams, end: teams.watch((kind) => void (kind === "model" && changed())) };
      reader ??= (await import("../../management/models/added-models.ts")).createAddedModelsReader();
      const added = await reader.read(teams.stores, settings.allowed_private_networks ?? [], environment);
      clearTimeout(retry);
      if (added.trouble !== undefined) {
        log.warn("the deployments of the database could not be read; those that it had last are served", {
          reason: added.trouble,
        });
        retry = setTimeout(changed, retryMilliseconds).unref();
      }
      return added;
    },
    close: stop,
  };
}
