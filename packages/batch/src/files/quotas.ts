import { DheeraError } from "@dheera-ai/core";

import type { Context } from "../context.ts";

/** Room for uploads of one owner. What is arriving in this process counts, so that many uploads at one time are not each below the limit. */
export interface Quotas {
  reserve(owner: string): Promise<Room>;
}

export interface Room extends AsyncDisposable {
  /** @throws DheeraError where the owner would have more than it may */
  take(bytes: number): void;
  /** Compares once more with what is stored by now. */
  check(): Promise<void>;
}

export function quotasOf({ queue, settings }: Context): Quotas {
  const most = settings.maxBytesPerOwner;
  const arriving = new Map<string, number>();
  const add = (owner: string, bytes: number): void => {
    const total = (arriving.get(owner) ?? 0) + bytes;
    if (total > 0) arriving.set(owner, total);
    else arriving.delete(owner);
  };
  const storedBy = async (owner: string): Promise<number> => (most === Infinity ? 0 : await queue.bytesOf(owner));
  return {
    reserve: async (owner) => {
      let stored = await storedBy(owner);
      let taken = 0;
      const leave = (): void => {
        add(owner, -taken);
        taken = 0;
      };
      const compare = (): void => {
        if (stored + (arriving.get(owner) ?? 0) <= most) return;
        // At once: another upload may have the room.
        leave();
        throw beyond(most);
      };
      if (stored >= most) throw beyond(most);
      return {
        take: (bytes) => {
          taken += bytes;
          add(owner, bytes);
          compare();
        },
        check: async () => {
          stored = await storedBy(owner);
          compare();
        },
        [Symbol.asyncDispose]: async () => leave(),
      };
    },
  };
}

function beyond(most: number): DheeraError {
  return new DheeraError(
    "request_too_large",
    `file: all files of a key may have ${most} bytes together; delete some that are no longer needed`,
    { param: "file" },
  );
}
