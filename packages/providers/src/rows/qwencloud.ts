import { type DefinedRow, defineRow } from "../engine/define-row.ts";
import { compatible } from "./dashscope.ts";

export const qwencloud: DefinedRow = defineRow(
  compatible("qwencloud", "Qwen Cloud", "dashscope-intl.aliyuncs.com", "QWENCLOUD"),
);
