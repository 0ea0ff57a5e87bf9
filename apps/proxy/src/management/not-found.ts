/** There is no such object. It is answered with 404, which Terraform's providers take for "deleted by somebody else". */
export class NotFound extends Error {
  override readonly name = "NotFound";
  readonly param: string;

  /** @param param the field that names it */
  constructor(param: string, what: string) {
    super(`${param}: ${what} is not found`);
    this.param = param;
  }
}
