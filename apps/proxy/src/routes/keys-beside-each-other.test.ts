import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { type Proxy, oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { type Answer, scoreByNumber, sendJson, startUpstream } from "../fixtures/start-upstream.ts";

const environment = { A: "sk-a", B: "sk-b" };
const keys = `keys:
    - { name: a, key: os.environ/A, models: [bge] }
    - { name: b, key: os.environ/B, models: [bge], priority: 3 }`;

describe("keys beside each other", () => {
  it("are refused only for what they have waiting themselves", async () => {
    const held = holdAnswers();
    await using upstream = await startUpstream(held.answer);
    const more = `general_settings:\n  ${keys}\nrouter_settings: { max_queued_documents: 40 }`;
    await using proxy = await startProxy({
      environment,
      yaml: oneModel(upstream.url, more, "max_documents_in_flight: 8"),
    });
    const flood = Array.from({ length: 20 }, (_, number) => ask(proxy, "sk-a", { query: `${number}`, documents: 8 }));
    const refused: Response[] = [];
    for (const asked of flood) void asked.then((response) => void (response.status === 503 && refused.push(response)));
    // One is in flight and five wait.
    await expect.poll(() => refused.length).toBe(14);
    expect(refused[0]?.headers.get("retry-after")).toMatch(/^\d+$/);
    const other = ask(proxy, "sk-b", { documents: 4 });
    held.release();
    expect((await other).status).toBe(200);
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(6);
  });

  it("serve a key's requests by their `priority` where the server is busy", async () => {
    const held = holdAnswers();
    await using upstream = await startUpstream(held.answer);
    const more = `general_settings:\n  ${keys}`;
    await using proxy = await startProxy({
      environment,
      yaml: oneModel(upstream.url, more, "max_documents_in_flight: 2"),
    });
    const first = ask(proxy, "sk-a", { query: "first", documents: 2 });
    await expect.poll(() => held.count).toBe(1);
    const asks = [
      ask(proxy, "sk-a", { query: "patient", documents: 2, priority: 9 }),
      ask(proxy, "sk-b", { query: "other key", documents: 2, priority: 0 }),
      ask(proxy, "sk-a", { query: "urgent", documents: 2, priority: 0 }),
    ];
    const queued = async (): Promise<string> => (await proxy.get("/model/info", bearer("sk-a"))).text();
    await expect.poll(queued).toContain('"documents_queued":6');
    held.release();
    await Promise.all([first, ...asks]);
    const order = upstream.requests.map((body) => v.parse(v.object({ query: v.string() }), body).query);
    expect(order).toEqual(["first", "urgent", "other key", "patient"]);
  });

  it.each([
    { how: "their request says so", ofKey: "", ofRequest: "background" },
    { how: "their key does", ofKey: ", priority: background", ofRequest: undefined },
  ])("wait for all others in the background, where $how", async ({ ofKey, ofRequest }) => {
    const held = holdAnswers();
    await using upstream = await startUpstream(held.answer);
    const more = `general_settings:
  keys:
    - { name: a, key: os.environ/A, models: [bge]${ofKey} }
    - { name: b, key: os.environ/B, models: [bge], priority: 9 }`;
    await using proxy = await startProxy({
      environment,
      yaml: oneModel(upstream.url, more, "max_documents_in_flight: 2"),
    });
    const first = ask(proxy, "sk-b", { query: "first", documents: 2 });
    await expect.poll(() => held.count).toBe(1);
    const info = async (): Promise<string> => (await proxy.get("/model/info", bearer("sk-b"))).text();
    const batch = ask(proxy, "sk-a", { query: "batch", documents: 2, priority: ofRequest });
    await expect.poll(info).toContain('"background":{"documents_in_flight":0,"documents_queued":2}');
    const asks = ["second", "third"].map((query) => ask(proxy, "sk-b", { query, documents: 2, priority: 9 }));
    await expect.poll(info).toContain('"documents_queued":4');
    held.release();
    const answers = await Promise.all([first, batch, ...asks]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const order = upstream.requests.map((body) => v.parse(v.object({ query: v.string() }), body).query);
    expect(order).toEqual(["first", "second", "third", "batch"]);
  });

  it("refuses a priority that is no whole number from 0 on, by name", async () => {
    await using upstream = await startUpstream();
    await using proxy = await startProxy({ environment, yaml: oneModel(upstream.url, `general_settings:\n  ${keys}`) });
    for (const priority of [-1, 1.5, "0"]) {
      const response = await ask(proxy, "sk-a", { documents: 1, priority });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("priority: must");
    }
  });

  it.each([
    { option: "", known: "1" },
    { option: ", namespace_per_key: true", known: "0" },
  ])("share scores of the cache unless told not to ($known)", async ({ option, known }) => {
    await using upstream = await startUpstream();
    const more = `dheera_ai_settings: { cache: true, cache_params: { type: local${option} } }\ngeneral_settings:\n  ${keys}`;
    await using proxy = await startProxy({ environment, yaml: oneModel(upstream.url, more) });
    const hits = async (key: string): Promise<string | null> =>
      (await ask(proxy, key, { documents: 1 })).headers.get("x-dheera-cache-hits");
    expect([await hits("sk-a"), await hits("sk-a"), await hits("sk-b")]).toEqual(["0", "1", known]);
  });

  it.each([
    { option: "", status: 200 },
    { option: "fallbacks_within_key_models: true, ", status: 502 },
  ])("fall back outside of their models unless told not to ($status)", async ({ option, status }) => {
    await using upstream = await startUpstream(({ outgoing }) => sendJson(outgoing, { error: "broken" }, {}, 500));
    const yaml = `
model_list:
  - model_name: bge
    dheera_ai_params: { model: huggingface/BAAI/bge-reranker-base, api_base: "${upstream.url}", max_retries: 0 }
  - model_name: other
    dheera_ai_params: { model: bm25/default }
router_settings: { fallbacks: [{ bge: [other] }] }
general_settings: { ${option}keys: [{ name: a, key: os.environ/A, models: [bge] }, { name: b, key: os.environ/B, models: [bge, other] }] }`;
    await using proxy = await startProxy({ environment, yaml });
    expect((await ask(proxy, "sk-a", { documents: 1 })).status).toBe(status);
    expect((await ask(proxy, "sk-b", { documents: 1 })).status).toBe(200);
  });
});

interface Asked {
  readonly documents: number;
  readonly query?: string;
  readonly priority?: unknown;
}

function ask(proxy: Proxy, key: string, { documents, query = "q", priority }: Asked): Promise<Response> {
  const texts = Array.from({ length: documents }, (_, position) => `0.${position} text`);
  return proxy.post("/rerank", { model: "bge", query, documents: texts, priority }, bearer(key));
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/** Answers that wait until they are released; afterwards none waits. */
function holdAnswers(): { readonly answer: Answer; readonly count: number; release(): void } {
  let held: (() => void)[] | undefined = [];
  return {
    answer: (request) => {
      const send = (): void => scoreByNumber(request);
      if (held) held.push(send);
      else send();
    },
    get count() {
      return held?.length ?? 0;
    },
    release: () => {
      const waiting = held ?? [];
      held = undefined;
      for (const send of waiting) send();
    },
  };
}
