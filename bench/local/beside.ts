import type { Line } from "../dispatch/line.ts";
import { generate } from "../proxy/load/generate.ts";
import type { Measured, Target } from "../proxy/load/measured.ts";
import { proxyBody, smallShape } from "../proxy/load/shapes.ts";
import { median } from "../proxy/median.ts";
import { type Listening } from "../proxy/processes.ts";
import { masterKey, startWith } from "../proxy/servers/gateway.ts";
import { rssMegabytes } from "../proxy/usage.ts";
import { childrenOf } from "./children.ts";
import { type Models, requestOf } from "./models.ts";

const mostMilliseconds = 20;
const mostMegabytes = 30;
/** Small requests a second. */
const rate = 100;
const connections = 64;
const documents = 100;

/** A proxy with a model in the process and with BM25, built: what it holds before and after, and what others wait for. */
export async function measureBeside(models: Models, rounds: number, seconds: number): Promise<readonly Line[]> {
  const growths: number[] = [];
  const children: number[] = [];
  const alone: Measured[] = [];
  const busy: Measured[] = [];
  let ranked = 0;
  for (let round = 0; round < rounds; round++) {
    await using gateway = await startWith("node", {
      model_list: [
        { model_name: "words", dheera_ai_params: { model: "bm25/default" } },
        { model_name: "neural", dheera_ai_params: { model: `local/${models.folders.int8}` } },
      ],
      general_settings: { master_key: masterKey },
    });
    const small: Target = { url: `${gateway.url}/rerank`, key: masterKey, body: proxyBody(smallShape, "words") };
    await askSmall(small, seconds);
    alone.push(await askSmall(small, seconds));
    const before = rssMegabytes(gateway.pid);
    const work = keepBusy(gateway, models, round);
    await work.answered;
    busy.push(await askSmall(small, seconds));
    ranked += await work.stop();
    growths.push(rssMegabytes(gateway.pid) - before);
    children.push(...childrenOf(gateway.pid).map(rssMegabytes));
  }
  const p99 = typical(busy, "p99");
  const growth = median(growths);
  return [
    {
      what: `bm25 beside the busy model (${ranked} requests of ${documents}), p50; alone ${typical(alone, "p50").toFixed(1)} ms`,
      measured: `${typical(busy, "p50").toFixed(1)} ms`,
      target: "",
    },
    {
      what: `the same, p99; alone ${typical(alone, "p99").toFixed(1)} ms`,
      measured: `${p99.toFixed(1)} ms`,
      target: `< ${mostMilliseconds} ms`,
      pass: p99 < mostMilliseconds,
    },
    {
      what: "memory of the proxy, more than before the model was used",
      measured: `${growth.toFixed(0)} MB`,
      target: `< ${mostMegabytes} MB`,
      pass: growth < mostMegabytes,
    },
    { what: "memory of the child, int8", measured: `${median(children).toFixed(0)} MB`, target: "" },
  ];
}

interface Work {
  /** One request has been answered: the model is there. */
  readonly answered: Promise<void>;
  /** @returns requests that were answered */
  stop(): Promise<number>;
}

/** Two clients that ask the model again as soon as they are answered. */
function keepBusy(gateway: Listening, models: Models, round: number): Work {
  const end = new AbortController();
  const first = Promise.withResolvers<void>();
  let answered = 0;
  const client = async (number: number): Promise<void> => {
    while (!end.signal.aborted) {
      const request = requestOf(models, 128, documents, round * 1_000 + number * 500 + answered);
      const response = await fetch(`${gateway.url}/rerank`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${masterKey}` },
        body: JSON.stringify({ model: "neural", ...request }),
        signal: end.signal,
      });
      if (!response.ok) throw new Error(`the model answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
      answered++;
      first.resolve();
    }
  };
  const clients = Promise.all([client(0), client(1)]).catch((error: unknown) => {
    if (!end.signal.aborted) first.reject(error);
  });
  return {
    answered: first.promise,
    stop: async () => {
      end.abort();
      await clients;
      return answered;
    },
  };
}

async function askSmall(small: Target, seconds: number): Promise<Measured> {
  const [measured] = await generate({ targets: [small], connections, rate, seconds, rounds: 1, warmUp: 1 });
  const [only] = measured ?? [];
  if (!only || only.failures > 0) throw new Error(`${only?.failures} small requests failed`);
  return only;
}

function typical(rounds: readonly Measured[], figure: "p50" | "p99"): number {
  return median(rounds.map((round) => round[figure]));
}
