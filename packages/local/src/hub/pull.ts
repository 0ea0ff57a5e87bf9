import { DheeraError, isDheeraError } from "@dheera-ai/core";
import { mkdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";

import { readConfigs } from "../model/configs/read-configs.ts";
import { findModel } from "../model/find-model.ts";
import { hubCacheFolder, repositoryFolder } from "../model/hub-cache.ts";
import { tellKind } from "../model/configs/tell-kind.ts";
import { placeBlob, sizeOf, tagAsCache, writeReference } from "./cache/place-file.ts";
import type { HubRequestOptions } from "./hub-options.ts";
import type { PlannedFile, PullPlan } from "./plan-pull.ts";
import type { HubConnection } from "./remote/ask-hub.ts";
import { downloadFile } from "./remote/download-file.ts";
import { type HubPatience, openHub } from "./remote/open-hub.ts";

/** How far a pull is. */
export interface PullProgress {
  /** The file that is being downloaded. */
  readonly file: string;
  /** Of this file: bytes that are there, and all. */
  readonly fileBytes: number;
  readonly fileTotal: number;
  /** Bytes that came in this pull; others were there. */
  readonly received: number;
  /** Of all files of the plan. */
  readonly bytes: number;
  readonly total: number;
}

export interface PullOptions extends HubRequestOptions, HubPatience {
  /** Called at each part that arrived, and once a file is whole. */
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

/**
 * Downloads what a plan misses into the cache of the Hub, laid out as huggingface_hub does. Each file is checked before it
 * gets its name, and the branch or the tag points to the commit when all are there. Several pulls at one time do no harm;
 * one that was interrupted goes on where it stopped.
 * @throws DheeraError; the reason of the signal
 */
export async function pull(plan: PullPlan, options: PullOptions): Promise<void> {
  const cache = hubCacheFolder(options.environment);
  const repository = repositoryFolder(cache, plan.name);
  const connection = await openHub(options);
  await refuseFullDisk(cache, plan.missingBytes);
  await tagAsCache(cache);
  let before = 0;
  let received = 0;
  let isJudged = false;
  for (const file of plan.files) {
    if (!isJudged && isWeights(file, plan)) {
      await refuseOtherKinds(plan, options);
      isJudged = true;
    }
    let last: number | undefined;
    const report = (fileBytes: number): void => {
      // What the first report has was there, and a file that is begun again has less.
      if (last !== undefined) received += Math.max(0, fileBytes - last);
      last = fileBytes;
      options.onProgress?.({
        file: file.path,
        fileBytes,
        fileTotal: file.bytes,
        bytes: before + fileBytes,
        total: plan.bytes,
        received,
      });
    };
    if (!file.isPresent) await fetchFile(connection, plan, file, repository, report);
    report(file.bytes);
    before += file.bytes;
  }
  if (plan.revision !== plan.commit) await writeReference(repository, plan.revision, plan.commit);
}

function isWeights({ path }: PlannedFile, { weights: { file, externalData } }: PullPlan): boolean {
  return path === file || externalData.includes(path);
}

/**
 * The configuration is there, and says whether the weights would be of any use.
 * @throws DheeraError that says what else the model is
 */
async function refuseOtherKinds({ name, commit, files }: PullPlan, { environment }: PullOptions): Promise<void> {
  const found = await findModel(`${name}@${commit}`, { environment });
  const listed = files.map(({ path, bytes }) => ({ file: path, bytes }));
  const configs = await readConfigs(found);
  try {
    tellKind(name, configs, listed, false);
  } catch (error) {
    // The configuration that uses the model may say how it pools.
    if (!isDheeraError(error) || error.param !== "pooling") throw error;
  }
}

async function fetchFile(
  connection: HubConnection,
  { name, commit, folder }: PullPlan,
  file: PlannedFile,
  repository: string,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const blob = join(repository, "blobs", file.digest.hex);
  await mkdir(dirname(blob), { recursive: true });
  const isNew = (await sizeOf(blob)) !== file.bytes;
  if (isNew) await downloadFile(connection, { name, revision: commit }, file, blob, onProgress);
  await placeBlob(blob, join(folder, ...file.path.split("/")), isNew);
}

async function refuseFullDisk(cache: string, bytes: number): Promise<void> {
  const free = await freeBytes(cache);
  if (free === undefined || free >= bytes) return;
  const megabytes = (count: number): string => `${Math.ceil(count / 1_000_000).toLocaleString("en-US")} MB`;
  throw new DheeraError(
    "invalid_request",
    `the files need ${megabytes(bytes)} in ${cache}, where ${megabytes(free)} are free; make room, or name a folder elsewhere in HF_HUB_CACHE`,
    { param: "HF_HUB_CACHE" },
  );
}

/** Of the disk that a folder is on, which need not exist yet; undefined where the system does not say. */
async function freeBytes(folder: string): Promise<number | undefined> {
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  if (!exists) return dirname(folder) === folder ? undefined : freeBytes(dirname(folder));
  const disk = await statfs(folder).catch(() => undefined);
  return disk === undefined ? undefined : disk.bavail * disk.bsize;
}
