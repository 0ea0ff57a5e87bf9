import { isDheeraError } from "@dheera-ai/core";

import { operatorsMessage } from "../out-of-service.ts";
import type { WorkOptions } from "./work-options.ts";

/** Tells an operator what went wrong; the message of an error is added where it is fit to be read. */
export type Trouble = (message: string, error: unknown) => void;

export function troubleOf({ onTrouble }: WorkOptions): Trouble {
  return (message, error) =>
    onTrouble?.(isDheeraError(error) ? `${message}: ${operatorsMessage(error)}` : message, error);
}
