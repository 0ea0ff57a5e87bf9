import { type Stats, unwatchFile, watchFile } from "node:fs";

/**
 * Calls back when one of the files has changed; the function that comes back stops watching. It looks at the files once a second, because
 * notifications are lost where files are mounted or replaced through links, as Kubernetes and Docker do.
 */
export function watchFiles(files: readonly string[], onChange: () => void, interval = 1_000): () => void {
  const listener = (now: Stats, before: Stats): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) onChange();
  };
  for (const file of files) watchFile(file, { interval, persistent: false }, listener);
  return () => {
    for (const file of files) unwatchFile(file, listener);
  };
}
