import type { McpLimits } from "../limits.ts";
import type { McpOptions } from "../options.ts";
import type { CallGate } from "./call-gate.ts";

/** What the tools of all connections share. */
export interface ToolContext {
  readonly options: McpOptions;
  readonly limits: McpLimits;
  readonly gate: CallGate;
}
