import { type DheeraEvent, type DheeraOptions, createDheera } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";
import { describe, expect, it } from "vitest";

import { startSimulatorProcess } from "../simulator/start-process.ts";
import { eventually } from "../support/eventually.ts";
import { needs } from "../support/programs.ts";

import { startTextEmbeddings } from "../real-servers/text-embeddings.ts";
import { manyDocuments } from "./over.ts";

const clients = 4;

/** What can be stopped and continued: a process that keeps its connections and answers nothing. */
const kinds = [
  { kind: "the simulated server", start: () => startSimulatorProcess("--milliseconds-per-batch=3"), options: {} },
  {
    kind: "Text Embeddings Inference",
    start: () => startTextEmbeddings(),
    options: needs("text-embeddings-inference"),
  },
];

describe.each(kinds)("a replica that is frozen: $kind", ({ start, options }) => {
  it("delays each client once, loses no request, and gets calls again when it goes on", options, async () => {
    const [frozen, living] = [await start(), await start()];
    const events: DheeraEvent[] = [];
    const dheera = dheeraAt([frozen.url, living.url], { observer: { event: (event) => events.push(event) } });
    await send(dheera, 100);
    frozen.signal("SIGSTOP");
    const before = callsOf(dheera);
    await send(dheera, 400);
    expect(events.filter(({ type }) => type === "silent")).toHaveLength(1);
    expect(dheera.deployments().map(({ state }) => state)).toEqual(["cooling", "healthy"]);
    expect(callsOf(dheera) - before).toBeLessThanOrEqual(clients);

    frozen.signal("SIGCONT");
    await eventually(() => dheera.deployments()[0]?.state).toBe("healthy");
    const after = callsOf(dheera);
    await send(dheera, 40);
    expect(callsOf(dheera)).toBeGreaterThan(after);
  });

  it("hands its requests to a fallback where it has no twin", options, async () => {
    const [frozen, other] = [await start(), await start()];
    const dheera = createDheera({
      providers: [huggingface({ environment: {} })],
      model_list: [
        { model_name: "reranker", dheera_ai_params: { model: "huggingface/tiny", api_base: frozen.url } },
        { model_name: "other", dheera_ai_params: { model: "huggingface/other", api_base: other.url } },
      ],
      router_settings: { fallbacks: [{ reranker: ["other"] }] },
    });
    await send(dheera, 20);
    frozen.signal("SIGSTOP");
    const { model } = await dheera.rerank({ model: "reranker", query: "frozen", documents: manyDocuments(4) });
    expect(model).toBe("other");
  });
});

type Library = ReturnType<typeof createDheera>;

function dheeraAt(urls: readonly string[], more: Partial<DheeraOptions> = {}): Library {
  return createDheera({
    providers: [huggingface({ environment: {} })],
    model_list: urls.map((url) => ({
      model_name: "reranker",
      dheera_ai_params: { model: "huggingface/tiny", api_base: url },
    })),
    ...more,
  });
}

/** Some clients that send one request after the other. */
async function send(dheera: Library, requests: number): Promise<void> {
  let left = requests;
  const client = async (): Promise<void> => {
    while (left-- > 0) await dheera.rerank({ model: "reranker", query: `${left}`, documents: manyDocuments(4) });
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** Calls to the first deployment. */
function callsOf(dheera: Library): number {
  return dheera.deployments()[0]?.calls ?? 0;
}
