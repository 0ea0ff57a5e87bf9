import type { Target } from "../proxy/load/measured.ts";
import { proxyBody, smallShape } from "../proxy/load/shapes.ts";
import { masterKey, startWith } from "../proxy/servers/gateway.ts";
import { startStub } from "../proxy/servers/upstream.ts";
import type { Curve, Plan } from "./curve.ts";
import { type Rounds, inRounds, joined, seriesOf } from "./in-rounds.ts";
import { load, warmUp } from "./load.ts";
import { rankOverReplicas } from "./simulated-replicas.ts";

const counts = [1, 2, 4, 8, 16, 32];

/** Servers under one model name. */
export const replicas: Curve = {
  title: "Replicas of a model",
  sizes: "replicas",
  async measure(plan) {
    const sockets = await overSockets(plan);
    const simulated = await rankOverReplicas(counts, plan);
    return [
      {
        title: "µs of the processor, a request of 4 × 80 B",
        series: [seriesOf("chosen by chance", sockets, "shuffled"), seriesOf("least busy", sockets, "least")],
      },
      {
        title: "% of what the servers could do, 100 documents a request",
        series: [seriesOf("simulated servers", simulated, "goodput")],
      },
      {
        title: "µs of the processor, a document of them",
        series: [seriesOf("core and its sockets", simulated, "cpu")],
      },
    ];
  },
};

/** One call for each request, to one of the replicas: what choosing costs. Each number of them has a model name in the same proxy. */
async function overSockets({ rounds, seconds, enough }: Plan): Promise<Rounds> {
  await using stub = await startStub([smallShape]);
  const strategies = { shuffled: "simple-shuffle", least: "least-busy" };
  const parts: Rounds[] = [];
  for (const [figure, routing_strategy] of Object.entries(strategies)) {
    await using proxy = await startWith("node", configOf(stub.url, routing_strategy));
    const targetsOf = (count: number): [Target] => [
      { url: `${proxy.url}/rerank`, key: masterKey, body: proxyBody(smallShape, nameOf(count)), unique: true },
    ];
    await warmUp(targetsOf(1), enough);
    for (const count of counts) await warmUp(targetsOf(count), enough / 8);
    parts.push(
      await inRounds(counts, rounds, async (count) => {
        const { cpu } = await load(proxy.pid, { targets: targetsOf(count), connections: 8, seconds });
        return { [figure]: cpu };
      }),
    );
  }
  return joined(parts);
}

function nameOf(count: number): string {
  return `over-${count}`;
}

/** Each replica is another address of loopback, and so a server of its own to the proxy. */
function configOf(upstream: string, routing_strategy: string): object {
  const { port } = new URL(upstream);
  return {
    model_list: counts.flatMap((count) =>
      Array.from({ length: count }, (_, number) => ({
        model_name: nameOf(count),
        dheera_ai_params: {
          model: "huggingface/bench/reranker",
          api_base: `http://127.0.0.${number + 1}:${port}/${smallShape.documents}`,
          api_key: "key",
        },
      })),
    ),
    router_settings: { routing_strategy },
    general_settings: { master_key: masterKey },
  };
}
