import { type UpstreamRequest, withServer } from "@dheera-ai/core/testing";
import { createApp, createGateway, parseConfig } from "@dheera-ai/proxy";
import { expect, it } from "vitest";

import { chatServer, rankingOf, sayGrades } from "../../packages/llm/src/testing/chat-server.ts";
import { readPrompt } from "../../packages/llm/src/testing/read-prompt.ts";

const query = "which is the smallest number?";
const documents = Array.from({ length: 30 }, (_, index) => `${(index * 7 + 3) % 30} of 30`);

/** A model whose probability of yes falls with the number of the document. */
function yesOrNo(request: UpstreamRequest) {
  const yes = 1 / (2 + Number.parseInt(readPrompt(request)?.documents[0] ?? "0"));
  const likely = [
    { token: "yes", logprob: Math.log(yes) },
    { token: "no", logprob: Math.log(1 - yes) },
  ];
  const logprobs = { content: [{ token: "no", logprob: Math.log(1 - yes), top_logprobs: likely }] };
  const choices = [{ index: 0, message: { role: "assistant", content: "no" }, finish_reason: "length", logprobs }];
  return { body: { choices, usage: { prompt_tokens: 50, completion_tokens: 1 } } };
}

it.each([
  ["mode: listwise", chatServer().reply, "rank", 10, 2],
  ["mode: tournament, temperature: 0.5", chatServer().reply, "rank", 10, 3],
  ["mode: graded", chatServer({ say: sayGrades }).reply, "unknown", 10, 3],
  ["mode: pointwise", yesOrNo, "probability", 30, 30],
])("a chat model serves through the proxy as a reranker does, with %s", async (params, reply, kind, sure, prompts) => {
  await withServer(reply, async ({ url, requests }) => {
    const { status, body, warnings } = await post(`${params}, api_base: "${url}/v1", api_key: mine`, {
      query,
      documents,
      top_n: 10,
    });
    expect([status, warnings]).toEqual([200, []]);
    expect(body).toMatchObject({
      results: rankingOf(documents)
        .slice(0, Math.min(10, sure))
        .map((id) => ({ index: id - 1 })),
      meta: { score_kind: kind },
    });
    expect(requests).toHaveLength(prompts);
    for (const { headers, path } of requests)
      expect([headers["authorization"], path]).toEqual(["Bearer mine", "/v1/chat/completions"]);
  });
});

it.each([
  ["step: 20", "step must be smaller than window, which is 20"],
  ["mode: listwize", "mode must be one of listwise, tournament, pointwise, graded"],
  ["windows: 10", "unknown parameter windows; did you mean window?"],
  ["prompt: 'Rank {documents}'", "prompt must hold {query}"],
])("a wrong parameter of a deployment is a mistake of the configuration: %s", async (params, problem) => {
  await expect(post(`${params}, api_base: "http://127.0.0.1:4/v1"`, { query, documents })).rejects.toThrow(problem);
});

it("a request that would cost too much is refused with the field and the remedy", async () => {
  await withServer(chatServer().reply, async ({ url, requests }) => {
    const many = Array.from({ length: 51 }, (_, index) => `${index}`);
    const { status, body } = await post(`api_base: "${url}/v1"`, { query, documents: many });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: { code: "invalid_request", param: "documents", message: expect.stringContaining("raise max_documents") },
    });
    expect(requests).toEqual([]);
  });
});

/** Ranks with the model of this entry through the proxy's HTTP. */
async function post(params: string, request: object) {
  const yaml = `model_list:\n  - model_name: m\n    dheera_ai_params: { model: llm/chat, ${params} }\n`;
  const { config } = parseConfig(yaml, { file: "config.yaml", environment: {} });
  const gateway = await createGateway(config, { environment: {} });
  try {
    const app = createApp(gateway, { peerAddress: () => "127.0.0.1" });
    const answer = await app.fetch(
      new Request("http://proxy.test/v1/rerank", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "m", ...request }),
      }),
    );
    const body: unknown = await answer.json();
    return {
      status: answer.status,
      body,
      warnings: gateway.warnings.filter((warning) => warning.startsWith("config.yaml")),
    };
  } finally {
    await gateway.close();
  }
}
