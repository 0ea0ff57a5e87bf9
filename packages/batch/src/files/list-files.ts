import type { Context } from "../context.ts";
import type { FileRecord, Queue } from "../contract.ts";

/** Nobody finds a file whose time has passed, although it stays a while for downloads that had begun. */
export function hasExpired({ now }: Pick<Context, "now">, { expiresAt = Infinity }: FileRecord): boolean {
  return expiresAt <= now();
}

/** A page as full as it can be of files whose time has not passed. */
export async function listFiles(
  context: Context,
  page: Parameters<Queue["listFiles"]>[0],
): Promise<readonly FileRecord[]> {
  const files: FileRecord[] = [];
  for (let { after } = page; ;) {
    const found = await context.queue.listFiles({ ...page, ...(after !== undefined && { after }) });
    files.push(...found.filter((file) => !hasExpired(context, file)));
    after = found.at(-1)?.id;
    if (found.length < page.limit || files.length >= page.limit) return files.slice(0, page.limit);
  }
}
