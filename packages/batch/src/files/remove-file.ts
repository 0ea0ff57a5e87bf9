import { DheeraError } from "@dheera-ai/core";

import type { Context } from "../context.ts";
import type { FileRecord } from "../contract.ts";

/**
 * First the record, then what it names: whatever is left when the process dies is named by nobody, and swept.
 * @throws DheeraError `invalid_request` where a batch that has not ended reads it
 */
export async function removeFile(context: Context, file: FileRecord): Promise<void> {
  const names: string[] = [];
  for await (const { name } of context.queue.partsOf(file.id)) names.push(name);
  const reader = await context.queue.removeFile(file.id);
  if (reader !== undefined)
    throw new DheeraError(
      "invalid_request",
      `The file ${file.id} is the input of the batch ${reader}, which has not ended; cancel the batch first`,
      { param: "file_id" },
    );
  await context.store.remove(names);
}
