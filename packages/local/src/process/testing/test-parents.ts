import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { eventually } from "../../../../../test/support/eventually.ts";
import { createFolder } from "../../../../../test/support/temporary-folder.ts";
import { isRunning } from "./is-running.ts";

const program = fileURLToPath(new URL("parent.ts", import.meta.url));

let folder: Awaited<ReturnType<typeof createFolder>>;
let parent: ChildProcess | undefined;

/** What becomes of a child with the program that started it, on the runtime that this command starts. */
export function testParents(command: string, conditions: readonly string[]): void {
  beforeEach(async () => {
    folder = await createFolder({ script: "ready", events: "" });
  });
  afterEach(async () => {
    parent?.kill("SIGKILL");
    await folder[Symbol.asyncDispose]();
  });

  describe("a program with a child", () => {
    it("ends by itself when it has its scores, and its child with it", async () => {
      const { said, ended } = start("ranks", "a", "bbb");
      expect(await ended).toBe(0);
      expect(said()).toContain("scores 1 3\n");
      await expectGone(said());
    });

    it("ends by itself when it has only begun to load a model", async () => {
      await writeFile(join(folder.path, "script"), "wait");
      const { said, ended } = start("warms");
      expect(await ended).toBe(0);
      await expectGone(said());
    });

    it("waits for the child's end when it closes, and then has none", async () => {
      const { said, ended } = start("closes", "a");
      expect(await ended).toBe(0);
      expect(said()).toBe("scores 1\nchildren \n");
    });

    it("takes its child with it when it is killed", async () => {
      const { said, ended, process: killed } = start("stays", "a");
      await eventually(said).toContain("children");
      killed.kill("SIGKILL");
      await ended;
      await expectGone(said());
    });

    // Windows has neither: its programs are ended without a word, and one after the other.
    it.skipIf(process.platform === "win32")("takes a child with it that hangs, when it exits", async () => {
      const { ended, process: exiting } = start("exits", "hang");
      await eventually(events).toContain("hang");
      const pid = Number((await events()).find((event) => event.startsWith("pid "))?.slice(4));
      expect(isRunning(pid)).toBe(true);
      exiting.kill("SIGTERM");
      expect(await ended).toBe(0);
      await eventually(() => isRunning(pid)).toBe(false);
    });

    it.skipIf(process.platform === "win32")(
      "keeps its child until it has its scores, when a terminal interrupts both",
      async () => {
        const { said, ended, process: interrupted } = start("ranks", "hold", "a");
        await eventually(events).toContain("hold");
        process.kill(-(interrupted.pid ?? 0), "SIGINT");
        await eventually(said).toContain("interrupted");
        await writeFile(join(folder.path, "released"), "");
        expect(await ended).toBe(0);
        expect(said()).toContain("scores 4 1\n");
        await expectGone(said());
      },
    );

    /** In a process group of its own, as a terminal starts programs. */
    function start(what: string, ...documents: readonly string[]): Started {
      const started = spawn(command, [...conditions, program, folder.path, what, ...documents], {
        detached: true,
        stdio: ["ignore", "pipe", "inherit"],
      });
      parent = started;
      let output = "";
      started.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      return { process: started, said: () => output, ended: once(started, "close").then(([code]) => code) };
    }
  });
}

function events(): Promise<readonly string[]> {
  return readFile(join(folder.path, "events"), "utf8").then((text) => text.split("\n"));
}

async function expectGone(said: string): Promise<void> {
  const pids = /children (.+)/.exec(said)?.[1]?.split(" ").map(Number) ?? [];
  expect(pids).toHaveLength(1);
  for (const pid of pids) await eventually(() => isRunning(pid)).toBe(false);
}

interface Started {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  said(): string;
  /** Its exit code, when everything that it printed has been read. */
  readonly ended: Promise<unknown>;
}
