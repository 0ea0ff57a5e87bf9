import { fit } from "./drawing/fit.ts";
import type { Output, Terminal } from "./terminal.ts";

/** What is done sooner shows nothing. */
const quietMs = 1_000;
const redrawMs = 200;

/**
 * Does something that may take long, and says meanwhile how far it is.
 * @param describe how far it is now, such as `300 of 10,000 documents are scored`
 */
export async function withProgress<T>(
  { showProgress, output }: Pick<Terminal, "showProgress"> & { readonly output: Pick<Output, "width"> },
  describe: () => string,
  work: () => Promise<T>,
): Promise<T> {
  if (!showProgress) return work();
  const begun = performance.now();
  const draw = (): void => {
    const seconds = Math.floor((performance.now() - begun) / 1000);
    if (seconds * 1000 >= quietMs) showProgress(fit(`${seconds} s · ${describe()} …`, output.width - 1));
  };
  const timer = setInterval(draw, redrawMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    showProgress();
  }
}
