import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { commands } from "../src/run.ts";
import { commandLinePage, renderCommandLine } from "./command-line-page.ts";

it("is as the commands say it (else: pnpm --filter @dheera-ai/cli run docs)", async () => {
  expect(await readFile(commandLinePage, "utf8")).toBe(renderCommandLine());
});

it("has every command, those below others, and each of their options", () => {
  const page = renderCommandLine();
  for (const command of commands.concat(commands.flatMap(({ actions = [] }) => actions))) {
    expect(page).toMatch(new RegExp(`^#{2,3} dheera_ai ${command.name}$`, "m"));
    for (const option of Object.keys(command.options)) expect(page).toContain(`--${option}`);
  }
  expect(page).toContain("## dheera_ai\n");
  expect(page).toContain("`--prometheus_metrics_port");
});
