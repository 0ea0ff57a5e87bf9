/**
 * Runs `load` at the first call and remembers what it gives. A failure is forgotten, so that the next call tries again: a
 * file that could not be opened for a moment must not stay unreadable until the process ends.
 */
export function rememberSuccess<T>(load: () => Promise<T>): () => Promise<T> {
  let remembered: Promise<T> | undefined;
  return () => {
    if (remembered) return remembered;
    const loading = load();
    remembered = loading;
    loading.catch(() => (remembered = undefined));
    return loading;
  };
}
