import { type DefinedRow, defineRow } from "../engine/define-row.ts";
import { compatible } from "./dashscope.ts";

export const qwenAiPlatform: DefinedRow = defineRow(
  compatible("qwen_ai_platform", "Qwen AI Platform", "dashscope.aliyuncs.com", "QWEN_AI_PLATFORM"),
);
