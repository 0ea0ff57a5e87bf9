import { parseConfig, createGateway } from "@dheera-ai/proxy";
import { describe, expect, it } from "vitest";

import { documents, query, type WireCase, type WireRequest, type WireTable } from "./wire-table/wire-case.ts";
import { wireTables } from "./wire-table/wire-table.ts";

describe.each(wireTables)("$provider, as LiteLLM's users write it", (table) => {
  it.each(table.cases)("$entry sends to $url", async (wireCase) => {
    const { response, sent } = await rank(table, wireCase);
    const { before = [], url, headers = table.headers, body = table.body, warnings = [] } = wireCase;
    expect(sent.findLast(({ method }) => method !== "GET")).toEqual({ method: "POST", url, headers, body });
    for (const { sent: request } of before)
      expect(sent).toContainEqual({ ...request, headers: expect.objectContaining(request.headers) });
    expect(response.results.map(({ index }) => index)).toEqual([2, 0]);
    expect(response.meta.warnings ?? []).toEqual(warnings);
  });
});

/** Ranks through a gateway whose only model this is. */
async function rank(table: WireTable, { entry, environment, request, before = [], url }: WireCase) {
  const sent: WireRequest[] = [];
  const answerTo = ({ url: asked }: WireRequest): unknown =>
    asked === url ? table.answer : before.find(({ sent: other }) => other.url === asked)?.answer;
  const transport = {
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      const captured = capture(input, init);
      sent.push(captured);
      const answer = answerTo(captured);
      return answer === undefined ? Response.json({ message: "no such path" }, { status: 404 }) : Response.json(answer);
    },
  };
  const variables = { KEY: "key", ...environment };
  const yaml = `model_list:\n  - model_name: m\n    litellm_params: ${entry}\n`;
  const { config } = parseConfig(yaml, { file: "config.yaml", environment: variables });
  const gateway = await createGateway(config, { environment: variables, transport });
  try {
    expect(gateway.warnings.filter((warning) => warning.startsWith("config.yaml"))).toEqual([]);
    const response = await gateway.dheera.rerank({ model: "m", query, documents, top_n: 2, ...request });
    return { response, sent };
  } finally {
    await gateway.close();
  }
}

function capture(input: RequestInfo | URL, init: RequestInit = {}): WireRequest {
  const { method = "GET", body } = init;
  return {
    method,
    // Microsoft's library gives each of its requests an id.
    url: (input instanceof Request ? input.url : String(input)).replace(/\?client-request-id=[\w-]+$/, ""),
    headers: Object.fromEntries(new Headers(init.headers)),
    body: typeof body === "string" ? readJson(body) : null,
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
