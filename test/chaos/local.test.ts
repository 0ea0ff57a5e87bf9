import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { childrenOf } from "../../packages/local/src/process/testing/children-of.ts";
import { isRunning } from "../../packages/local/src/process/testing/is-running.ts";
import { eventually } from "../support/eventually.ts";
import { postRerank } from "../support/post-rerank.ts";
import { startProxy, type ProxyProcess } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { holdLoad } from "./held-load.ts";

const masterKey = "sk-master";
const folderOf = (model: string): string =>
  fileURLToPath(new URL(`../../packages/local/src/fixtures/models/${model}`, import.meta.url));
const queries = 40;
const documents = Array.from(
  { length: 20 },
  (_, position) => `document ${position} about rivers and ${"bridges ".repeat(position)}`,
);

describe("a local model behind the proxy", () => {
  it("answers 1,000 requests while its process is killed ten times, and as it does undisturbed", async () => {
    await using folder = await createFolder({ "config.yaml": configuration("cross-encoder") });
    await using proxy = await startProxy(`${folder.path}/config.yaml`);
    const undisturbed = new Map<number, readonly Result[]>();
    for (let query = 0; query < queries; query++) undisturbed.set(query, await ask(proxy, query));

    const killed = new Set<number>();
    const failures: unknown[] = [];
    let asked = 0;
    let answered = 0;
    const client = async (): Promise<void> => {
      while (asked < 1_000) {
        const query = asked++ % queries;
        const results = await ask(proxy, query).catch((error: unknown) => failures.push(error));
        if (typeof results !== "number") expect(results).toEqual(undisturbed.get(query));
        if (++answered % 91 === 0) killed.add(await killChild(proxy, killed));
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));

    expect(failures).toEqual([]);
    expect([answered, killed.size]).toEqual([1_000, 10]);
    expect(await proxy.stop()).toBe(0);
  }, 300_000);

  it("keeps its process over 50 reloads that do not change it, and leaves none behind", async () => {
    await using folder = await createFolder({ "config.yaml": configuration("cross-encoder") });
    const file = `${folder.path}/config.yaml`;
    // Room for what is new grows by megabytes at a time otherwise, whether anything is left behind or not.
    await using proxy = await startProxy(file, { NODE_OPTIONS: "--max-semi-space-size=1" });
    await ask(proxy, 0);
    const children = childrenOf(proxy.pid);
    expect(children).toHaveLength(1);
    const load = holdLoad(2, async (number) => void (await ask(proxy, number % queries)));

    const memory: number[] = [];
    for (let round = 1; round <= 50; round++) {
      await writeFile(file, configuration("cross-encoder", `round-${round}`));
      proxy.signal("SIGHUP");
      await eventually(() => modelsOf(proxy)).toContain(`round-${round}`);
      expect(childrenOf(proxy.pid)).toEqual(children);
      memory.push(megabytesOf(proxy.pid) + megabytesOf(children[0] ?? 0));
    }
    await load.stop();
    // The second half of the reloads adds nothing that 50 gateways left behind would not exceed by far.
    expect(Math.min(...memory.slice(40)) - Math.min(...memory.slice(10, 25))).toBeLessThan(30);

    await writeFile(file, configuration("bi-encoder-mean", "another"));
    proxy.signal("SIGHUP");
    await eventually(() => modelsOf(proxy)).toContain("another");
    await eventually(() => childrenOf(proxy.pid)).not.toContain(children[0]);
    await ask(proxy, 0);
    const last = childrenOf(proxy.pid);
    expect(last).toHaveLength(1);
    expect(await proxy.stop()).toBe(0);
    expect(last.filter(isRunning)).toEqual([]);
  }, 300_000);

  it("starts a new process at each of 20 reloads that change its settings, and leaves one", async () => {
    await using folder = await createFolder({ "config.yaml": configuration("cross-encoder") });
    const file = `${folder.path}/config.yaml`;
    await using proxy = await startProxy(file);
    const load = holdLoad(4, async (number) => void (await ask(proxy, number % queries)));
    const seen = new Set<number>();
    for (let round = 1; round <= 20; round++) {
      await writeFile(file, configuration("cross-encoder", `round-${round}`, `max_length: ${100 + round}`));
      proxy.signal("SIGHUP");
      await eventually(() => modelsOf(proxy)).toContain(`round-${round}`);
      const before = load.answered;
      await eventually(() => load.answered).toBeGreaterThan(before + 8);
      await eventually(() => childrenOf(proxy.pid)).toHaveLength(1);
      for (const child of childrenOf(proxy.pid)) seen.add(child);
    }
    await load.stop();
    expect(seen.size).toBe(20);
    expect(await proxy.stop()).toBe(0);
    expect([...seen].filter(isRunning)).toEqual([]);
  }, 300_000);

  it("ends its process with the proxy, also where that is killed or stopped while it works", async () => {
    await using folder = await createFolder({ "config.yaml": configuration("cross-encoder") });
    await using stopped = await startProxy(`${folder.path}/config.yaml`);
    const [ofStopped = 0] = await eventuallyChildren(stopped);
    const underWay = Array.from({ length: 8 }, (_, query) => ask(stopped, query));
    await underWay[0];
    expect(await stopped.stop()).toBe(0);
    expect(await Promise.all(underWay)).toHaveLength(8);
    expect(isRunning(ofStopped)).toBe(false);

    await using killed = await startProxy(`${folder.path}/config.yaml`);
    const [ofKilled = 0] = await eventuallyChildren(killed);
    killed.signal("SIGKILL");
    await eventually(() => isRunning(ofKilled)).toBe(false);
  });
});

interface Result {
  readonly index: number;
  readonly relevance_score: number;
}

async function ask(proxy: ProxyProcess, query: number): Promise<readonly Result[]> {
  const request = { model: "reranker", query: `question ${query} of ${"rivers ".repeat(query % 5)}`, documents };
  const { status, body } = await postRerank(proxy.url, request, masterKey);
  expect(status, body.message).toBe(200);
  return body.results;
}

/** Kills the child that serves now, one that was not killed before. */
async function killChild(proxy: ProxyProcess, killed: ReadonlySet<number>): Promise<number> {
  const living = (): number | undefined => childrenOf(proxy.pid).find((pid) => !killed.has(pid));
  await eventually(living).toBeDefined();
  const pid = living() ?? 0;
  process.kill(pid, "SIGKILL");
  return pid;
}

async function eventuallyChildren(proxy: ProxyProcess): Promise<readonly number[]> {
  await eventually(() => childrenOf(proxy.pid)).toHaveLength(1);
  return childrenOf(proxy.pid);
}

async function modelsOf(proxy: ProxyProcess): Promise<readonly string[]> {
  const response = await fetch(`${proxy.url}/v1/models`, { headers: { authorization: `Bearer ${masterKey}` } });
  const { data }: { readonly data: readonly { readonly id: string }[] } = await response.json();
  return data.map(({ id }) => id);
}

function megabytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_000;
}

function configuration(model: string, other: string = "other", setting: string = "threads: 1"): string {
  return `
model_list:
  - model_name: reranker
    dheera_ai_params: { model: "local/${folderOf(model)}", warm: true, ${setting} }
  - model_name: ${other}
    dheera_ai_params: { model: bm25/default }
general_settings:
  master_key: ${masterKey}
`;
}
