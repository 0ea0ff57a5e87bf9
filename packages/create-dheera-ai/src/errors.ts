/** What was asked for cannot be done as it was asked: a flag or an answer is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Somebody stopped it, and was told where it has no message. Exit code 130, as shells have it for ctrl-c. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** The system refuses to write: a full disk, a permission, a file in use. Nothing was changed. Exit code 3. */
export class WriteError extends Error {
  override readonly name = "WriteError";

  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}
