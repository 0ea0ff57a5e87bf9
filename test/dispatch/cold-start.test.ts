import { type DheeraEvent, type Transport, createDheera } from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";
import { describe, expect, it } from "vitest";

import { eventually } from "../support/eventually.ts";
import { dheeraOver, manyDocuments, oracleRows, rowsOf, start } from "./over.ts";

describe("a cold start", () => {
  it.each([
    { name: "that says how long it loads", coldStart: { kind: "loading", milliseconds: 300, estimatedTime: 0.1 } },
    { name: "behind a proxy that only says 503", coldStart: { kind: "scaled-to-zero", milliseconds: 300 } },
  ] as const)("$name is waited for by all requests and begun once", async ({ coldStart }) => {
    const sleeping = await start({ coldStart });
    const dheera = dheeraOver({ reranker: [sleeping] });
    const documents = manyDocuments(100);
    const queries = ["one", "two", "three", "four", "five"];
    const responses = await Promise.all(queries.map((query) => dheera.rerank({ model: "reranker", query, documents })));
    expect(responses.map(rowsOf)).toEqual(queries.map((query) => oracleRows(query, documents)));
    expect(sleeping.starts()).toBe(1);
    // Five requests of four batches, and not a stampede beside them.
    expect(sleeping.stats.calls).toBeLessThan(5 * 4 + 10);
  });

  it("of an Inference Endpoint is begun with one request that its proxy holds until it serves", async () => {
    const held: (string | null)[] = [];
    const sleeping = await start({ coldStart: { kind: "scaled-to-zero", milliseconds: 300 } });
    // The endpoint's public name leads to this machine.
    const transport: Transport = {
      fetch: (input, init) => {
        const request = new Request(input, init);
        held.push(request.headers.get("x-scale-up-timeout"));
        return fetch(
          request.url.replace("https://sleeper.eu-west-1.aws.endpoints.huggingface.cloud", sleeping.url),
          init,
        );
      },
    };
    const dheera = createDheera({ providers: [huggingface({ environment: {} })], transport });
    const documents = manyDocuments(100);
    const request = (query: string) =>
      dheera.rerank({
        model: "huggingface/BAAI/bge-reranker-base",
        api_base: "https://sleeper.eu-west-1.aws.endpoints.huggingface.cloud",
        api_key: "hf_any",
        query,
        documents,
      });
    const queries = ["one", "two", "three"];
    expect((await Promise.all(queries.map(request))).map(rowsOf)).toEqual(
      queries.map((query) => oracleRows(query, documents)),
    );
    expect(held.filter(Boolean)).toHaveLength(1);
    expect(sleeping.starts()).toBe(1);
  });

  it("is passed over for a replica that serves", async () => {
    const [sleeping, awake] = [
      await start({ coldStart: { kind: "loading", milliseconds: 60_000, estimatedTime: 60 } }),
      await start(),
    ];
    const dheera = dheeraOver({ reranker: [sleeping, awake] });
    const documents = manyDocuments(100);
    for (let request = 0; request < 5; request++)
      expect(rowsOf(await dheera.rerank({ model: "reranker", query: "q", documents }))).toEqual(
        oracleRows("q", documents),
      );
    expect(awake.stats.documents).toBe(500);
  });

  it("is passed over for the fallback meanwhile, and shown", async () => {
    const events: DheeraEvent[] = [];
    const [sleeping, awake] = [
      await start({ coldStart: { kind: "loading", milliseconds: 60_000, estimatedTime: 0.05 } }),
      await start({ modelSha: "other" }),
    ];
    const dheera = dheeraOver(
      { sleepy: [sleeping], other: [awake] },
      {},
      {
        router_settings: { fallbacks: [{ sleepy: ["other"] }] },
        observer: { event: (event) => void events.push(event) },
      },
    );
    const request = async () => (await dheera.rerank({ model: "sleepy", query: "q", documents: ["a", "b"] })).model;
    expect(await request()).toBe("other");
    expect(dheera.deployments()[0]?.state).toBe("starting");
    expect(events).toContainEqual(
      expect.objectContaining({ type: "fallback", from: "sleepy", to: "other", code: "provider_starting" }),
    );
    sleeping.finishStart();
    await eventually(request).toBe("sleepy");
  });

  it("that outlasts the deadline is reported as what it is", async () => {
    const sleeping = await start({ coldStart: { kind: "loading", milliseconds: 60_000, estimatedTime: 20 } });
    const dheera = dheeraOver({ reranker: [sleeping] });
    await expect(
      dheera.rerank({ model: "reranker", query: "q", documents: ["a"], timeout: 0.3 }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^(provider_starting|timeout)$/),
    });
  });
});
