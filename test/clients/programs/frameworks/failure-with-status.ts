import type { Failure } from "../../client-under-test.ts";

/** An error of a package within a package, whose class cannot be imported. */
export function failureWithStatus(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !("statusCode" in error) || typeof error.statusCode !== "number") return undefined;
  const body: unknown = "body" in error ? error.body : undefined;
  return { status: error.statusCode, message: `${error.message} ${JSON.stringify(body)}` };
}
