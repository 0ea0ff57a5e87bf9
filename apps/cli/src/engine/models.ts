import type { Dheera } from "@dheera-ai/core";

import type { OpenDheera } from "../open-dheera.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The Dheera that serves now, and how it is replaced when the parent's environment has changed. */
export interface Models extends AsyncDisposable {
  readonly dheera: Dheera;
  /**
   * Opens the models again in another environment, for later requests. Those that run keep theirs, which closes after
   * them. @throws what `open` throws; then the models stay as they are
   */
  reopen(environment: Environment): Promise<void>;
}

/** @param onError is told what goes wrong when models that were replaced are closed */
export async function openModels(
  open: (environment: Environment) => Promise<OpenDheera>,
  environment: Environment,
  onError: (error: unknown) => void,
): Promise<Models> {
  let current = await open(environment);
  const closing = new Set<Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();
  const close = (replaced: OpenDheera): void => {
    const closed = Promise.resolve(replaced[Symbol.asyncDispose]()).catch(onError);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };
  return {
    get dheera() {
      return current.dheera;
    },
    reopen(changed) {
      // One after the other, so that the last environment that was sent is the one that stays.
      const reopened = last.then(async () => {
        const replaced = current;
        current = await open(changed);
        close(replaced);
      });
      last = reopened.catch(() => {});
      return reopened;
    },
    async [Symbol.asyncDispose]() {
      await last;
      close(current);
      await Promise.all(closing);
    },
  };
}
