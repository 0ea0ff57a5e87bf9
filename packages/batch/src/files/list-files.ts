import type { Context } from "../context.ts";
import type { FilePage, FileRecord } from "../contract.ts";

/** Nobody finds a file whose time has passed, although it stays a while for downloads that had begun. */
export function hasExpired({ now }: Pick<Context, "now">, { expiresAt = Infinity }: FileRecord): boolean {
  return expiresAt <= now();
}

/** A page as full as it can be of files whose time has not passed. */
export async function listFiles({ queue, now }: Context, page: FilePage): Promise<readonly FileRecord[]> {
  return await queue.listFiles({ ...page, now: now() });
}
