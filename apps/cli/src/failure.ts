/** Something expected went wrong: exit code 1. The message is ready to print. */
export class Failure extends Error {
  override readonly name = "Failure";
}
