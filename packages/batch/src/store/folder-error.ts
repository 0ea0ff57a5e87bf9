import { type DheeraError, isDheeraError } from "@dheera-ai/core";

import { outOfService } from "../out-of-service.ts";

/** What the system says of a folder, with what to do about it. */
export function folderError(folder: string, error: unknown): DheeraError {
  if (isDheeraError(error)) return error;
  if (hasCode(error, "ENOSPC"))
    return unavailable(`the disk of ${folder} is full; what waits goes on when there is room`, error, true);
  if (hasCode(error, "EDQUOT"))
    return unavailable(`the disk quota of ${folder} is used up; what waits goes on when there is room`, error, true);
  if (hasCode(error, "EFBIG"))
    return unavailable(`${folder} takes no file of this size; see the limits of the process and of the disk`, error);
  return unavailable(`${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`, error);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" && codes.includes(code);
}

function unavailable(reason: string, cause: unknown, isFull = false): DheeraError {
  return outOfService({ what: "storage", isFull, reason, cause });
}
