// The configuration is served, asks for the key and ranks. BM25 needs no account, so this runs anywhere.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const program = join(import.meta.dirname, "dheera_ai.js");
const key = `sk-${randomUUID()}`;
let folder;
let proxy;
let url;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "proxy-"));
  const env = {
    ...process.env,
    // Not those of .env, so that this leaves what is in use alone. Nothing answers there: the proxy goes on without.
    REDIS_URL: "redis://127.0.0.1:9",
    DHEERA_AI_MASTER_KEY: key,
    DHEERA_AI_SALT_KEY: randomUUID(),
    DHEERA_AI_DATABASE_URL: `sqlite:${join(folder, "teams.db")}`,
  };
  const args = [program, "--config", "config.yaml", "--host", "127.0.0.1", "--port", "0"];
  proxy = spawn(process.execPath, args, { cwd: import.meta.dirname, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  url = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /RUNNING on (http:\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    proxy.stdout.on("data", read);
    proxy.stderr.on("data", read);
    proxy.once("error", reject);
    proxy.once("exit", () => reject(new Error(`the proxy does not start:\n${output}`)));
  });
});

after(async () => {
  if (proxy?.exitCode === null) {
    const ended = new Promise((resolve) => proxy.once("exit", resolve));
    proxy.kill();
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

function ask(headers) {
  const body = { model: "bm25", query: "a cat", documents: ["the dog", "the cat"] };
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
  return fetch(`${url}/rerank`, { ...init, body: JSON.stringify(body) });
}

test("the proxy ranks for whoever has the key", async () => {
  const response = await ask({ authorization: `Bearer ${key}` });
  assert.equal(response.status, 200);
  const { results } = await response.json();
  assert.deepEqual(
    results.map(({ index }) => index),
    [1, 0],
  );
});

test("the proxy refuses whoever has none", async () => {
  assert.equal((await ask({})).status, 401);
});
