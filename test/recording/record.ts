import { chmod, cp, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

import { createFolder } from "../support/temporary-folder.ts";
import { runInTerminal } from "./run-in-terminal.ts";
import { type Run, Screen } from "./screen.ts";
import { columns, files, story } from "./story.ts";

/** What the screen shows from some moment on. */
export interface Frame {
  /** Milliseconds after the first. */
  readonly at: number;
  readonly rows: readonly (readonly Run[])[];
}

/** The whole film. */
export interface Recording {
  readonly frames: readonly Frame[];
  /** Milliseconds, the time at its end in which it can be read included. */
  readonly length: number;
  /** The screen at its end. */
  readonly text: readonly string[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const pace = { perKey: 40, keysAtOnce: 4, beforeEnter: 400, mostBetween: 400, afterCommand: 1500, atEnd: 6000 };

/**
 * Runs the story on a real terminal. Its waits are shortened; what is shown is what the commands printed.
 * @param port where the command that serves does so
 */
export async function record(port: number): Promise<Recording> {
  await using folder = await createFolder(files);
  await cp(join(root, "examples/town-guide"), join(folder.path, "town-guide"), { recursive: true });
  const program = `#!/bin/sh\nexec "${process.execPath}" -C source "${join(root, "apps/cli/src/main.ts")}" "$@"\n`;
  await writeFile(join(folder.path, "dheera_ai"), program);
  await chmod(join(folder.path, "dheera_ai"), 0o755);
  const environment = {
    PATH: [folder.path, process.env["PATH"]].join(delimiter),
    HOME: folder.path,
    LANG: "C.UTF-8",
    TERM: "xterm",
  };

  const screen = new Screen(columns);
  const frames: Frame[] = [];
  let now = 0;
  const show = (bytes: Uint8Array | string, wait: number): void => {
    now += wait;
    screen.write(bytes);
    frames.push({ at: now, rows: screen.rows() });
  };
  for (const { command, until } of story) {
    show("\u001b[36m$\u001b[39m ", 0);
    for (const keys of command.match(new RegExp(`[^]{1,${pace.keysAtOnce}}`, "g")) ?? [])
      show(keys.replace("\n", "\r\n"), pace.perKey * keys.length);
    show("\r\n", pace.beforeEnter);
    let before = 0;
    const run = until === undefined ? command : `${command} --port ${port}`;
    for (const { at, bytes } of await runInTerminal(run, { columns, folder: folder.path, environment, until })) {
      show(bytes, Math.min(at - before, pace.mostBetween));
      before = at;
    }
    show("\r\n", 0);
    now += pace.afterCommand;
  }
  return { frames, length: now + pace.atEnd, text: screen.text() };
}
