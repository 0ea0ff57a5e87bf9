import { open, readFile, readdir } from "node:fs/promises";

/**
 * The connections that clients may hold: half of the file descriptors that are left after the start, because each
 * request may need a connection to an upstream and now and then a file. Undefined where there is no limit, or the system
 * does not say.
 */
export async function mostConnections(): Promise<number | undefined> {
  try {
    const [limits, used] = await Promise.all([readFile("/proc/self/limits", "utf8"), readdir("/proc/self/fd")]);
    const limit = /^Max open files +(\d+)/m.exec(limits)?.[1];
    return limit === undefined ? undefined : Math.max(1, Math.floor((Number(limit) - used.length) / 2));
  } catch {
    // Other systems have other ways, and limits that are rarely so small.
    return undefined;
  }
}

/** Why this process can open neither files nor connections now; undefined when it can. */
export async function whyNothingOpens(): Promise<string | undefined> {
  try {
    const file = await open(process.execPath);
    await file.close();
    return undefined;
  } catch (error) {
    return isShortage(error) ? "no file descriptors are left; raise the limit (ulimit -n)" : undefined;
  }
}

function isShortage(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EMFILE" || error.code === "ENFILE");
}
