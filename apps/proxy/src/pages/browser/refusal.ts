/** The proxy answered with an error. */
export class Refusal extends Error {
  readonly status: number;
  /** The field of the request at fault, where the proxy names one: `litellm_params.api_base`. */
  readonly field: string | undefined;

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** The message of an error for the user. */
export function messageOf(error: unknown): string {
  // `fetch` throws a TypeError when the server cannot be reached.
  if (error instanceof TypeError) return "The proxy cannot be reached.";
  return error instanceof Error ? error.message : String(error);
}
