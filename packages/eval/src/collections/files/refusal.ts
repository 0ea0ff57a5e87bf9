import { DheeraError } from "@dheera-ai/core";

/**
 * What is wrong with a file, for the person who has it: where, what, and what to do. Never quotes the file, whose texts are
 * nobody's business in a log.
 */
export function refusal(file: string, line: number | undefined, problem: string): DheeraError {
  return new DheeraError("invalid_request", `${file}${line === undefined ? "" : `:${line}`}: ${problem}`);
}
