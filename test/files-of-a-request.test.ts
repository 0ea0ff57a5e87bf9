import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { startSimulator } from "./simulator/simulator.ts";
import { eventually } from "./support/eventually.ts";
import { postRerank } from "./support/post-rerank.ts";
import { createFolder } from "./support/temporary-folder.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = fileURLToPath(new URL("../apps/cli/src/main.ts", import.meta.url));
const preload = new URL("report-called-files.ts", import.meta.url).href;
/**
 * The way of a request from the app's handler to the upstream and back. Three of them bound what its body may cost before
 * it is read and parsed, three check what the provider gives, two keep what one key has in flight and waiting from being in another's way, one keeps to
 * what the server has places for, and one ranks for requests and for lines of batches alike.
 */
const mostFiles = 52;
/** And with it the server around the app, the transport and what observes: logs and metrics. */
const mostFilesInAll = 70;
const key = "sk-measured";
const request = { model: "reranker", query: "which one?", documents: ["one", "two", "three"] };

it("a warm request of three documents calls functions of few source files", async () => {
  await using upstream = await startSimulator();
  await using folder = await createFolder({
    "config.yaml": `general_settings: { master_key: ${key} }
model_list: [{ model_name: reranker, dheera_ai_params: { model: huggingface/simulated/reranker, api_base: "${upstream.url}" } }]`,
  });
  await using proxy = await startWatchedProxy(`${folder.path}/config.yaml`);
  for (let number = 0; number < 10; number++) await postRerank(proxy.url, request, key);
  await proxy.calledFiles();

  const calls: (readonly string[])[] = [];
  for (let number = 0; number < 5; number++) {
    expect((await postRerank(proxy.url, request, key)).status).toBe(200);
    calls.push(await proxy.calledFiles());
  }
  // What runs beside a request now and then, such as a timer, is no part of it.
  const inAll = calls[0]?.filter((file) => calls.every((files) => files.includes(file))) ?? [];
  const files = inAll.filter((file) => !/^apps\/proxy\/src\/(server|telemetry)\//.test(file));
  expect(files).toContain("packages/core/src/rerank.ts");
  expect(files.length, files.join("\n")).toBeLessThanOrEqual(mostFiles);
  expect(inAll.length, inAll.join("\n")).toBeLessThanOrEqual(mostFilesInAll);
});

interface WatchedProxy extends AsyncDisposable {
  readonly url: string;
  /** Sources of packages and apps of which a function was called since the last time, from the root. */
  calledFiles(): Promise<readonly string[]>;
}

async function startWatchedProxy(config: string): Promise<WatchedProxy> {
  const options = ["-C", "source", "--import", preload];
  const args = ["--config", config, "--host", "127.0.0.1", "--port", "0"];
  const child = spawn(process.execPath, [...options, program, ...args], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  const findUrl = (): string | undefined => /RUNNING on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
  await eventually(() => findUrl() ?? output).toMatch(/^http:/);
  return {
    url: findUrl() ?? "",
    calledFiles: () => askForFiles(child),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function askForFiles(child: ChildProcess): Promise<readonly string[]> {
  const answered = once(child, "message");
  child.send("which files?");
  const [urls]: readonly string[][] = await answered;
  return (urls ?? [])
    .filter((url) => url.startsWith("file:"))
    .map((url) => relative(root, fileURLToPath(url)))
    .filter((path) => /^(packages|apps)\/[^/]+\/src\//.test(path))
    .toSorted();
}
