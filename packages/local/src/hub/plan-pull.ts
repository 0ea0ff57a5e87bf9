import { DheeraError } from "@dheera-ai/core";
import { join } from "node:path";

import type { WeightsChoice, WeightsWish } from "../model/choose-weights.ts";
import { readCpu } from "../model/cpu.ts";
import type { ModelDescription } from "../model/description.ts";
import { hubCacheFolder, repositoryFolder } from "../model/hub-cache.ts";
import { type ModelReference, parseReference } from "./cache/names.ts";
import { sizeOf } from "./cache/place-file.ts";
import type { HubRequestOptions } from "./hub-options.ts";
import { type Licence, describeLicence } from "./licence.ts";
import { neededFiles } from "./needed-files.ts";
import { type HubPatience, openHub } from "./remote/open-hub.ts";
import { isOffline } from "./remote/place.ts";
import { type HubFile, type ModelInfo, readModelInfo } from "./remote/model-info.ts";

/** What a pull would do: for a person to look at before, and for `pull` to do. */
export interface PullPlan extends ModelReference {
  /** The commit that the revision is now. */
  readonly commit: string;
  readonly licence: Licence;
  /** Whether the Hub gives the model only to whom its owner has let. */
  readonly isGated: boolean;
  /** Classes of transformers: `BertForSequenceClassification`. */
  readonly architectures: readonly string[];
  /** As far as it can be told without the files. */
  readonly kind: ModelDescription["kind"] | undefined;
  readonly weights: WeightsChoice;
  readonly files: readonly PlannedFile[];
  /** Of all files. */
  readonly bytes: number;
  /** Of the files that are not there yet. */
  readonly missingBytes: number;
  /** Where the files will be. An absolute path. */
  readonly folder: string;
}

export interface PlannedFile extends HubFile {
  readonly isPresent: boolean;
}

export interface PlanOptions extends HubRequestOptions, HubPatience, WeightsWish {}

/**
 * Asks the Hub what a model is and what of it is needed here. Downloads nothing.
 * @param text `<organization>/<name>[@revision]`
 * @throws DheeraError
 */
export async function planPull(text: string, options: PlanOptions): Promise<PullPlan> {
  const { name, revision = "main" } = parseReference(text);
  const { environment } = options;
  if (isOffline(environment))
    throw new DheeraError(
      "invalid_request",
      `HF_HUB_OFFLINE is set, so ${name} is not asked for at the Hub; unset it to pull`,
      { param: "HF_HUB_OFFLINE" },
    );
  const connection = await openHub(options);
  const info = await readModelInfo(connection, { name, revision });
  const { weights, files } = neededFiles(name, info.files, options, await readCpu());
  const folder = join(repositoryFolder(hubCacheFolder(environment), name), "snapshots", info.commit);
  const planned = await Promise.all(
    files.map(async ({ path, bytes, digest }) => {
      const isPresent = (await sizeOf(join(folder, ...path.split("/")))) === bytes;
      return { path, bytes, digest, isPresent };
    }),
  );
  return {
    name,
    revision,
    commit: info.commit,
    licence: describeLicence(info.licence),
    isGated: info.isGated,
    architectures: info.architectures,
    kind: kindOf(info),
    weights,
    files: planned,
    bytes: sum(planned),
    missingBytes: sum(planned.filter(({ isPresent }) => !isPresent)),
    folder,
  };
}

function kindOf({ architectures, files }: ModelInfo): PullPlan["kind"] {
  if (files.some(({ path }) => /^\d+_Pooling\/config\.json$/.test(path))) return "bi-encoder";
  return architectures.some((name) => name.endsWith("ForSequenceClassification")) ? "cross-encoder" : undefined;
}

function sum(files: readonly HubFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
