import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../apps/cli/src/main.ts", import.meta.url));
const execute = promisify(execFile);
/** Preloaded: names every file that the program loads. */
const reportFiles = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context); } });
`)}`;

it.each([
  [["rerank", "--help"]],
  [["eval", "init", "--help"]],
  [["calibrate", "--help"]],
  [["keys", "generate", "--help"]],
])("dheera_ai %j loads nothing that measures, judges or serves", async (args) => {
  const { stderr } = await execute(process.execPath, ["-C", "source", "--import", reportFiles, program, ...args]);
  const files = stderr.split("\n");
  expect(files.some((file) => file.endsWith("/apps/cli/src/judging/eval-init.ts"))).toBe(true);
  expect(files.filter((file) => /\/(packages\/eval|apps\/proxy)\/src\//.test(file))).toEqual([]);
});
