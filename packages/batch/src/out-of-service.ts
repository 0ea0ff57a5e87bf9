import { DheeraError, isDheeraError } from "@dheera-ai/core";

/** What keeps batches, in words that users know, and whether it has no room left. */
export interface OutOfService {
  readonly what: "storage" | "queue";
  readonly isFull: boolean;
  /** With folders and hosts, for logs and terminals alone. */
  readonly reason: string;
  readonly cause: unknown;
}

/** Its message is for whoever has a key and names no folder and no host; the operator's is that of its cause, which logs show. */
export function outOfService({ what, isFull, reason, cause }: OutOfService): DheeraError {
  const now = isFull
    ? "is full; what waits goes on when there is room"
    : "cannot be used now; what waits goes on when it can";
  return new DheeraError("unavailable", `the ${what} of batches ${now}`, {
    cause: new DheeraError("unavailable", reason, { cause }),
  });
}

/** What operators should read of it. */
export function operatorsMessage(error: DheeraError): string {
  return isDheeraError(error.cause) ? error.cause.message : error.message;
}

/** Whoever opens something is its operator. @throws the operator's error in place of the users' one */
export async function forOperators<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw isDheeraError(error) && isDheeraError(error.cause) ? error.cause : error;
  }
}
