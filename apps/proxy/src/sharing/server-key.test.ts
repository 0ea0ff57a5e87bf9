import { describe, expect, it } from "vitest";

import { callsKey, minutesKey, serverKey } from "./server-key.ts";

const deployment = {
  id: "reranker-1",
  provider: "huggingface",
  model: "BAAI/bge-reranker-base",
  params: {
    model: "huggingface/BAAI/bge-reranker-base",
    api_base: "http://rerank.internal:8080",
    api_key: "sk-of-a-server",
  },
};

describe("serverKey", () => {
  it("is equal for the same server under other names", () => {
    const { params } = deployment;
    expect(serverKey({ ...deployment, id: "other-2" })).toBe(serverKey(deployment));
    const renamed = { ...params, api_base: `${params.api_base}/`, weight: 3, timeout: 5 };
    expect(serverKey({ ...deployment, params: renamed })).toBe(serverKey(deployment));
  });

  it("differs by address, key, model, provider and what a provider finds a server by", () => {
    const { params } = deployment;
    const { api_base: _, ...hosted } = params;
    const others = [
      deployment,
      { ...deployment, provider: "infinity" },
      { ...deployment, model: "BAAI/bge-reranker-large" },
      { ...deployment, params: { ...params, api_key: "sk-of-another" } },
      { ...deployment, params: { ...params, api_base: "http://rerank-2.internal:8080" } },
      { ...deployment, params: hosted },
      { ...deployment, params: { ...hosted, aws_region_name: "eu-central-1" } },
      { ...deployment, params: { ...hosted, aws_region_name: "us-east-1" } },
    ];
    expect(new Set(others.map(serverKey)).size).toBe(others.length);
  });

  it("keeps entries with a limit of their own apart", () => {
    const limited = { ...deployment, params: { ...deployment.params, max_documents_in_flight: 8 } };
    expect(serverKey(limited)).toBe(serverKey({ ...limited }));
    expect(serverKey({ ...limited, id: "other-2" })).not.toBe(serverKey(limited));
    expect(callsKey({ ...deployment, id: "other-2" })).not.toBe(callsKey(deployment));
  });

  it("shows neither address nor key nor model", () => {
    for (const key of [serverKey(deployment), callsKey(deployment)]) expect(key).toMatch(/^[\w-]{43}(:calls)?$/);
  });
});

describe("minutesKey", () => {
  it("is of the entry, whichever model of it is asked, and differs by address and key", () => {
    const { params } = deployment;
    expect(minutesKey({ ...deployment, provider: "infinity", model: "other" })).toBe(minutesKey(deployment));
    const others = [
      { ...deployment, id: "other-2" },
      { ...deployment, params: { ...params, api_base: "http://elsewhere:8080" } },
      { ...deployment, params: { ...params, api_key: "sk-of-another" } },
    ];
    expect(new Set([deployment, ...others].map(minutesKey)).size).toBe(4);
    expect(minutesKey(deployment)).not.toContain("sk-of-a-server");
  });
});
