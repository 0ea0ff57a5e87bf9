import { type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";

/** A server that can read its configuration again. */
export interface Reloadable {
  /** Files the configuration was read from; none when it was given as data. */
  files(): readonly string[];
  /** Reads the configuration again. One that cannot be used changes nothing and is reported to the log. */
  reload(): Promise<void>;
}

const pollMs = 1_000;

/**
 * Reloads on SIGHUP and when a file of the configuration has changed, until the returned function is called. It polls
 * the files once a second, because notifications are lost where files are mounted or replaced through links, as
 * Kubernetes and Docker do.
 */
export function reloadOnChange(server: Reloadable): () => void {
  let seen = new Map(server.files().map((file) => [file, versionOf(statSync(file, { throwIfNoEntry: false }))]));
  let reloads = 0;

  const reload = async (): Promise<void> => {
    reloads++;
    try {
      // The versions are taken before the files are read: a change in the meantime differs from them and is noticed by
      // the next poll.
      const before = await versions([...seen.keys()]);
      await server.reload();
      // The new configuration may include other files.
      seen = new Map(
        [...(await versions(server.files())), ...before].filter(([file]) => server.files().includes(file)),
      );
    } finally {
      reloads--;
    }
  };
  const poll = async (): Promise<void> => {
    const now = await versions([...seen.keys()]);
    if (reloads === 0 && [...now].some(([file, version]) => version !== seen.get(file))) await reload();
  };

  const onHangup = (): void => void reload();
  const timer = setInterval(() => void poll(), pollMs).unref();
  process.on("SIGHUP", onHangup);
  return () => {
    clearInterval(timer);
    process.off("SIGHUP", onHangup);
  };
}

async function versions(files: readonly string[]): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, string]> => [file, versionOf(await stat(file).catch(() => undefined))]),
    ),
  );
}

function versionOf(stats: Stats | undefined): string {
  return stats === undefined ? "absent" : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
}
