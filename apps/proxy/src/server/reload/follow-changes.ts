import { type Stats, unwatchFile, watchFile } from "node:fs";

/** A server that can read its configuration again. */
export interface Reloadable {
  /** Files the configuration was read from; none when it was given as data. */
  files(): readonly string[];
  /** Reads the configuration again. One that cannot be used changes nothing and is reported to the log. */
  reload(): Promise<void>;
}

/** Reloads on SIGHUP and when a file of the configuration has changed, until the returned function is called. */
export function followChanges(server: Reloadable): () => void {
  let unwatch = (): void => {};
  const watch = (): void => {
    unwatch();
    unwatch = watchFiles(server.files(), reload);
  };
  // The new configuration may include other files.
  const reload = (): void => void server.reload().then(watch);

  watch();
  process.on("SIGHUP", reload);
  return () => {
    unwatch();
    process.off("SIGHUP", reload);
  };
}

const pollMs = 1_000;

/**
 * Calls back when one of the files has changed, until the returned function is called. It polls the files once a second, because
 * notifications are lost where files are mounted or replaced through links, as Kubernetes and Docker do.
 */
function watchFiles(files: readonly string[], onChange: () => void): () => void {
  const listener = (now: Stats, before: Stats): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) onChange();
  };
  for (const file of files) watchFile(file, { interval: pollMs, persistent: false }, listener);
  return () => {
    for (const file of files) unwatchFile(file, listener);
  };
}
