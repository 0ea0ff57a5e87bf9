import { watchFiles } from "./watch-files.ts";

/** Something whose configuration can be taken up anew. */
export interface Reloadable {
  /** Files it was read from; none when it was given. */
  files(): readonly string[];
  /** Takes it up anew. One that cannot be used changes nothing and is reported. */
  reload(): Promise<void>;
}

/** Reloads on SIGHUP and when a file of the configuration has changed. The function that comes back stops it. */
export function followChanges(server: Reloadable): () => void {
  let unwatch = (): void => {};
  const watch = (): void => {
    unwatch();
    unwatch = watchFiles(server.files(), reload);
  };
  // Another configuration may include other files.
  const reload = (): void => void server.reload().then(watch);

  watch();
  process.on("SIGHUP", reload);
  return () => {
    unwatch();
    process.off("SIGHUP", reload);
  };
}
