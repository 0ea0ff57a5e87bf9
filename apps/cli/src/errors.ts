// Errors whose messages are ready to print; `run.ts` makes exit codes of them.

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A configuration that cannot be used: exit code 2. The message has file, line and key. */
export class WrongConfiguration extends Error {
  override readonly name = "WrongConfiguration";
}

/** Something expected went wrong: exit code 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}
