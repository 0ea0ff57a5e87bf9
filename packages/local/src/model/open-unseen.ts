import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/**
 * Opens a file for reading so that it does not count as used, where the system has that and the file is ours: who lists
 * models does not use them.
 */
export async function openUnseen(path: string): Promise<FileHandle> {
  // Linux alone has the flag.
  const { O_RDONLY, O_NOATIME = 0 } = constants;
  try {
    return await open(path, O_RDONLY | O_NOATIME);
  } catch (error) {
    if (!isRefused(error)) throw error;
    return open(path, O_RDONLY);
  }
}

/** The file is another user's. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPERM";
}
