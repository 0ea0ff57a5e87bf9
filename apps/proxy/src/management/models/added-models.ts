import { createHash } from "node:crypto";

import { type ModelRow, type Secrets, type Stores, openSecrets } from "@dheera-ai/teams";

import type { ConfiguredModel } from "../../config/config.ts";
import type { Environment } from "../../config/read/resolve-references.ts";
import { type EgressRules, egressRules } from "../../egress/egress-rules.ts";
import type { RefusedModel } from "../../gateway/models/prepare-with-added.ts";
import { type ReadModel, readModel } from "./read-model.ts";

/** What the database has of deployments. */
export interface AddedModels {
  readonly models: readonly ConfiguredModel[];
  readonly refused: readonly RefusedModel[];
  readonly secrets: Secrets;
  readonly rules: EgressRules;
  /** Equal where nothing changed. */
  readonly version: string;
  /** Why the database could not be asked: the models are those that it had last. */
  readonly trouble?: string;
}

/** Reads them again and again in one process; rows that did not change are read once. */
export interface AddedModelsReader {
  /** @throws DheeraError `invalid_request` for a key of secrets that is too short */
  read(stores: Pick<Stores, "models">, networks: readonly string[], environment: Environment): Promise<AddedModels>;
}

const pageSize = 500;

export function createAddedModelsReader(): AddedModelsReader {
  let known = new Map<string, ReadModel>();
  let last: { readonly models: readonly ReadModel[]; readonly version: string } = { models: [], version: "" };
  let opened: { readonly key: string; readonly secrets: Promise<Secrets> } | undefined;
  const secretsOf = (environment: Environment): Promise<Secrets> => {
    const key = JSON.stringify(keyVariables.map((name) => environment[name]));
    if (opened?.key !== key) {
      opened = { key, secrets: openSecrets(environment) };
      known = new Map();
    }
    return opened.secrets;
  };

  return {
    async read(stores, networks, environment) {
      const [secrets, rules] = [await secretsOf(environment), egressRules(networks)];
      let trouble: string | undefined;
      try {
        const rows = await rowsOf(stores);
        const read = new Map<string, ReadModel>();
        for (const row of rows) {
          const key = JSON.stringify([row, networks]);
          read.set(key, known.get(key) ?? readModel(row, secrets, rules));
        }
        known = read;
        const version = createHash("sha256")
          .update(JSON.stringify([opened?.key, ...read.keys()]))
          .digest("hex");
        last = { models: [...read.values()], version };
      } catch (error) {
        trouble = error instanceof Error ? error.message : String(error);
      }
      return {
        models: last.models.flatMap((one) => ("model" in one ? [one.model] : [])),
        refused: last.models.flatMap((one) => ("refused" in one ? [one.refused] : [])),
        secrets,
        rules,
        version: last.version,
        ...(trouble !== undefined && { trouble }),
      };
    },
  };
}

const keyVariables = ["DHEERA_AI_SALT_KEY", "LITELLM_SALT_KEY", "DHEERA_AI_PREVIOUS_SALT_KEYS"];

/** The oldest first, so that one that is added changes nothing of the order of the others. */
async function rowsOf({ models }: Pick<Stores, "models">): Promise<readonly ModelRow[]> {
  const rows: ModelRow[] = [];
  for (let page = 1; ; page++) {
    const found = await models.list({}, { page, size: pageSize });
    rows.push(...found.rows);
    if (found.rows.length === 0 || rows.length >= found.total)
      return rows.toSorted((a, b) => a.created_at - b.created_at || (a.model_id < b.model_id ? -1 : 1));
  }
}
