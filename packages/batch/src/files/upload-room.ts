import { DheeraError } from "@dheera-ai/core";

import type { Context } from "../context.ts";
import type { UploadLimits } from "../contract.ts";

/** Milliseconds for which the queue counts an upload of a process that is gone, and between two times at which a living one says so. */
const lease = 60_000;
const renewal = 15_000;
/** Seconds after which one of several uploads may have ended. */
const retryAfter = 10;

/** The place of one upload, and its bytes, among all that are under way in all processes of the queue. */
export interface UploadRoom extends AsyncDisposable {
  /** To be waited for before they are stored. @throws DheeraError `request_too_large` where the owner would have more than it may */
  take(bytes: number): Promise<void>;
  /** Exactly what has arrived, whatever has become of the room meanwhile: the process may have been frozen. @throws DheeraError as `take` */
  settle(): Promise<void>;
}

/** @throws DheeraError `rate_limited` where there are too many uploads, `request_too_large` where the owner has no byte left */
export async function openUploadRoom({ queue, settings }: Context, id: string, owner: string): Promise<UploadRoom> {
  const limits: UploadLimits = {
    uploads: settings.maxOpenUploads,
    uploadsOfOwner: settings.maxOpenUploadsPerOwner,
    bytesOfOwner: settings.maxBytesPerOwner,
  };
  // Of an empty one, so that it is refused where there is no byte left.
  let bytes = 1;
  // One after the other: an older number must not replace a newer one.
  let last: Promise<unknown> = Promise.resolve();
  const next = (act: () => Promise<void>): Promise<void> => {
    const done = last.then(act);
    last = done.catch(() => undefined);
    return done;
  };
  const hold = async (): Promise<void> => {
    const refused = await queue.holdUpload({ id, owner, bytes, lease }, limits);
    if (refused === "bytesOfOwner") throw tooLarge(limits.bytesOfOwner);
    if (refused !== undefined) throw tooMany(refused, limits[refused]);
  };
  await hold();
  let arrived = 0;
  // Where it fails the next one comes before the lease is over, and `settle` has the last word.
  const renewing = setInterval(() => void next(hold).catch(() => undefined), renewal).unref();
  return {
    take: async (more) => {
      arrived += more;
      bytes = arrived;
      if (limits.bytesOfOwner !== Infinity) await next(hold);
    },
    settle: () => next(hold),
    [Symbol.asyncDispose]: async () => {
      clearInterval(renewing);
      // What a queue that is away still counts ends with its lease.
      await next(() => queue.releaseUpload(id)).catch(() => undefined);
    },
  };
}

function tooMany(limit: "uploads" | "uploadsOfOwner", most: number): DheeraError {
  const [whose, setting] =
    limit === "uploads" ? ["", "max_open_uploads"] : [" with this key", "max_open_uploads_per_key"];
  return new DheeraError(
    "rate_limited",
    `${most} files are being uploaded${whose}, and no more may be at one time (batch_settings.${setting}); try again when one of them has ended`,
    { param: "file", retryAfter },
  );
}

function tooLarge(most: number): DheeraError {
  return new DheeraError(
    "request_too_large",
    `file: all files of a key may have ${most} bytes together, with those that are being uploaded (batch_settings.max_bytes_per_key); delete some that are no longer needed`,
    { param: "file" },
  );
}
