import type { McpLimits } from "@dheera-ai/mcp";

import { UsageError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";

interface LimitOptions {
  readonly max_documents?: number;
  readonly max_characters?: number;
  readonly max_parallel_calls?: number;
  readonly timeout?: number;
}

/** A timer of Node.js takes no more than 24.8 days. */
export const mostSeconds = 2_000_000;

/**
 * What the options say, or else the environment, which is all that some clients let their users set.
 * @throws UsageError
 */
export function limitsOf(options: LimitOptions, environment: Terminal["environment"]): Partial<McpLimits> {
  const limits = {
    documents: options.max_documents ?? numberOf("DHEERA_AI_MCP_MAX_DOCUMENTS", 10_000, environment),
    characters: options.max_characters ?? numberOf("DHEERA_AI_MCP_MAX_CHARACTERS", 80_000_000, environment),
    parallelCalls: options.max_parallel_calls ?? numberOf("DHEERA_AI_MCP_MAX_PARALLEL_CALLS", 10_000, environment),
    seconds: options.timeout ?? numberOf("DHEERA_AI_MCP_TIMEOUT", mostSeconds, environment),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function numberOf(name: string, most: number, environment: Terminal["environment"]): number | undefined {
  const given = environment[name];
  if (given === undefined || given === "") return undefined;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`${name} wants a whole number from 1 to ${most}`);
  return value;
}
