/** The command line itself is wrong: exit code 2. The message is ready to print. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
