import { createHash } from "node:crypto";
import { basename } from "node:path";

import { UsageError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { identityOf, type RunPlan } from "./plan-run.ts";
import type { BatchPlace } from "./running/batch-place.ts";
import { linesOfRequests } from "./running/lines-of-requests.ts";
import type { ProgressFolder, ProgressRecord } from "./running/progress-folder.ts";
import { openItems } from "./reading/open-items.ts";
import { openBytes } from "./reading/open-bytes.ts";

/**
 * Reads the input and hands it on, or goes on with what an earlier run of the same command has begun.
 * @returns what was begun; without a batch where the input has no request
 * @throws UsageError where the earlier run was of another input or other settings
 */
export async function beginBatch(
  plan: RunPlan,
  folder: ProgressFolder,
  place: BatchPlace,
  terminal: Terminal,
): Promise<ProgressRecord> {
  const { input } = plan;
  const earlier = folder.record;
  const record = earlier ?? (await upload(plan, folder, place, terminal));
  if (record.settings !== plan.settings)
    throw new UsageError(
      `${folder.path} is of a run with another model or other options; give them again, or --overwrite to begin anew`,
    );
  if (earlier && record.input !== (await identify(plan, terminal)))
    throw new UsageError(
      `${folder.path} is of another input than ${input.path} is now; bring that one back, or --overwrite to begin anew`,
    );
  if (record.batchId !== undefined || record.fileId === undefined) return record;
  const batchId = (await place.findOf(record.fileId)) ?? (await place.create(record.fileId));
  const begun = { ...record, batchId };
  await folder.save(begun);
  return begun;
}

async function upload(
  plan: RunPlan,
  folder: ProgressFolder,
  place: BatchPlace,
  { input: standardInput, stop }: Terminal,
): Promise<ProgressRecord> {
  const { input, defaults, model, settings } = plan;
  if (input.path === "-" && standardInput.interactive)
    throw new UsageError("there is no input: name a file, or pipe requests in");
  const hash = createHash("sha256");
  const counts = { requests: 0, pairs: 0, broken: 0 };
  const identity = input.path === "-" ? undefined : await identityOf(input);
  const items = openItems(input, standardInput, place.mostLineBytes, (bytes) => {
    stop.throwIfAborted();
    if (identity === undefined) hash.update(bytes);
  });
  const { brokenFile } = folder;
  const { mostLineBytes } = place;
  const lines = linesOfRequests(items, { model, defaults, mostLineBytes, brokenFile, counts });
  const name = `${input.path === "-" ? "standard-input" : basename(input.path)}.jsonl`;
  const first = await lines.next();
  const fileId = first.done === true ? undefined : await place.upload(withFirst(first.value, lines, stop), name);
  const record = { input: identity ?? hash.digest("hex"), settings, ...counts, fileId };
  await folder.save(record);
  return record;
}

async function* withFirst(
  first: Uint8Array,
  others: AsyncIterable<Uint8Array>,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield first;
  for await (const bytes of others) {
    stop.throwIfAborted();
    yield bytes;
  }
}

/** Standard input is read to its end: only all of it says whether it is the same. */
async function identify({ input }: RunPlan, { input: standardInput }: Terminal): Promise<string> {
  if (input.path !== "-") return await identityOf(input);
  const hash = createHash("sha256");
  for await (const _unpacked of openBytes("-", standardInput, (bytes) => void hash.update(bytes)));
  return hash.digest("hex");
}
