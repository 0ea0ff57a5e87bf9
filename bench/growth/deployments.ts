import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createFolder } from "../../test/support/temporary-folder.ts";
import type { Target } from "../proxy/load/measured.ts";
import { proxyBody, smallShape } from "../proxy/load/shapes.ts";
import type { Listening } from "../proxy/processes.ts";
import { masterKey, startOnFile } from "../proxy/servers/gateway.ts";
import { startStub } from "../proxy/servers/upstream.ts";
import type { Curve } from "./curve.ts";
import { seriesOf } from "./in-rounds.ts";
import { measureStarts } from "./starts.ts";

const counts = [1, 3, 10, 30, 100, 300, 500];

/** Entries of a `model_list`, each under a name of its own; requests name them in turns. */
export const deployments: Curve = {
  title: "Deployments in a model_list",
  sizes: "deployments",
  async measure(plan) {
    await using stub = await startStub([smallShape]);
    const measured = await measureStarts(counts, plan, async (count, stack) => {
      const folder = stack.use(await createFolder());
      const file = join(folder.path, "config.yaml");
      const write = (generation: number): Promise<void> => writeFile(file, configOf(count, stub.url, generation));
      await write(0);
      const proxy = stack.use(await startOnFile("node", file));
      let generation = 0;
      return {
        proxy,
        targets: targetsOf(count, proxy.url),
        reload: async () => {
          generation++;
          await write(generation);
          process.kill(proxy.pid, "SIGHUP");
          await untilServed(proxy, generation);
        },
      };
    });
    return [
      { title: "µs of the processor, a request", series: [seriesOf("4 × 80 B", measured, "cpu")] },
      {
        title: "ms of the processor",
        series: [seriesOf("a start", measured, "start"), seriesOf("a reload", measured, "reload")],
      },
      {
        title: "MB of memory",
        series: [seriesOf("after the start", measured, "idle"), seriesOf("after load", measured, "busy")],
      },
    ];
  },
};

/** JSON is YAML. The last entry has a name by which a reload is seen. */
function configOf(count: number, upstream: string, generation: number): string {
  const names = [...Array.from({ length: count }, (_, number) => nameOf(number)), `generation-${generation}`];
  return JSON.stringify({
    model_list: names.map((model_name) => ({
      model_name,
      dheera_ai_params: {
        model: `huggingface/bench/reranker`,
        api_base: `${upstream}/${smallShape.documents}`,
        api_key: "key",
      },
    })),
    general_settings: { master_key: masterKey },
  });
}

function nameOf(number: number): string {
  return `rerank-${number}`;
}

function targetsOf(count: number, url: string): [Target, ...Target[]] {
  const targetOf = (number: number): Target => ({
    url: `${url}/rerank`,
    key: masterKey,
    body: proxyBody(smallShape, nameOf(number)),
    unique: true,
  });
  return [targetOf(0), ...Array.from({ length: count - 1 }, (_, number) => targetOf(number + 1))];
}

async function untilServed({ url }: Listening, generation: number): Promise<void> {
  const headers = { authorization: `Bearer ${masterKey}` };
  for (;;) {
    const answer = await fetch(`${url}/v1/models`, { headers });
    if ((await answer.text()).includes(`"generation-${generation}"`)) return;
    await sleep(50);
  }
}
