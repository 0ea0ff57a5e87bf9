/** A configuration that cannot be used: exit code 2. The message is ready to print, with file, line and key. */
export class WrongConfiguration extends Error {
  override readonly name = "WrongConfiguration";
}
