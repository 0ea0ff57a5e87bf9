import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { childrenOf } from "../../packages/local/src/process/testing/children-of.ts";
import { isRunning } from "../../packages/local/src/process/testing/is-running.ts";
import { testParents } from "../../packages/local/src/process/testing/test-parents.ts";
import { bunBinary } from "../support/bun-binary.ts";
import { eventually } from "../support/eventually.ts";
import { postRerank } from "../support/post-rerank.ts";
import { startProgram, startProxy, type ProxyProcess } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

const program = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));
const model = fileURLToPath(new URL("../../packages/local/src/fixtures/models/cross-encoder", import.meta.url));
const documents = Array.from({ length: 20 }, (_, position) => `document ${position} ${"river ".repeat(position)}`);

testParents(bunBinary(), ["--conditions", "source"]);

describe("a local model behind the proxy under Bun", () => {
  it("gives the scores that it gives on Node.js, also when its process is killed, and ends with the proxy", async () => {
    await using folder = await createFolder({
      "config.yaml": `model_list: [{ model_name: m, dheera_ai_params: { model: "local/${model}", warm: true } }]`,
    });
    const config = `${folder.path}/config.yaml`;
    const node = await startProxy(config);
    const expected = await ask(node);
    expect(await node.stop()).toBe(0);

    const serve = ["--config", config, "--host", "127.0.0.1", "--port", "0"];
    const bun = await startProgram(bunBinary(), ["--conditions=source", program, ...serve]);
    await eventually(() => childrenOf(bun.pid)).toHaveLength(1);
    const [first = 0] = childrenOf(bun.pid);
    for (let round = 0; round < 20; round++) {
      const underWay = [ask(bun), ask(bun), ask(bun)];
      if (round === 10) process.kill(first, "SIGKILL");
      for (const results of await Promise.all(underWay)) expect(results).toEqual(expected);
    }
    const [last = 0] = childrenOf(bun.pid);
    expect(last).not.toBe(first);
    expect(await bun.stop(), bun.output()).toBe(0);
    expect(isRunning(last)).toBe(false);
  });
});

async function ask({ url }: ProxyProcess): Promise<unknown> {
  const { status, body } = await postRerank(url, { model: "m", query: "what is a river", documents });
  expect(status, body.message).toBe(200);
  return body.results;
}
