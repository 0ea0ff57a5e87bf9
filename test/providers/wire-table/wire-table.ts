import { withCode } from "./with-code.ts";
import { cohereShapes } from "./cohere-shapes.ts";
import { dashScope } from "./dashscope.ts";
import { flatShapes } from "./flat-shapes.ts";
import { jinaShapes } from "./jina-shapes.ts";
import { nestedShapes } from "./nested-shapes.ts";
import { selfHosted } from "./self-hosted.ts";
import type { WireTable } from "./wire-case.ts";

/**
 * For each provider what goes out for an entry of `model_list` as LiteLLM's users write it. Written from what the providers
 * document and never computed from our own description of them.
 */
export const wireTables: readonly WireTable[] = [
  ...cohereShapes,
  ...jinaShapes,
  ...flatShapes,
  ...dashScope,
  ...nestedShapes,
  ...selfHosted,
  ...withCode,
];
