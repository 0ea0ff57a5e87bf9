import type { RefusedMessage } from "../process/protocol.ts";

/** Why a request cannot be served. The message is for the caller and quotes no text. */
export class Refusal extends Error {
  readonly reason: RefusedMessage["reason"];

  constructor(reason: RefusedMessage["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A score that would rank anywhere. Halves of numbers overflow in some models: the remedy is the same for all of them. */
export function notANumber(model: string, dtype: string): Refusal {
  return new Refusal(
    "failed",
    `local/${model} computed a score that is not a number (NaN), which ranks nothing` +
      (dtype === "fp32" ? "" : `; with dtype: fp32 it may compute a right one`),
  );
}
