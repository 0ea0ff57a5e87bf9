import type { Environment } from "@dheera-ai/core/provider-utils";
import { describe, expect, it } from "vitest";

import { findEndpoint } from "./find-endpoint.ts";

interface Place {
  readonly apiBase?: string;
  readonly apiKey?: string;
  readonly apiVersion?: string;
  readonly completions?: boolean;
  readonly environment?: Environment;
}

const find = ({ apiVersion, completions = false, environment = {}, ...target }: Place) =>
  findEndpoint({ model: "gpt 4/x", ...target }, { apiVersion, completions }, environment);
const resource = "https://mine.openai.azure.com";

describe("where a model is asked", () => {
  it.each<[Place, string]>([
    [{}, "https://api.openai.com/v1/chat/completions"],
    [{ completions: true }, "https://api.openai.com/v1/completions"],
    [{ apiBase: "http://localhost:11434/v1" }, "http://localhost:11434/v1/chat/completions"],
    [{ apiBase: "http://localhost:11434/v1/" }, "http://localhost:11434/v1/chat/completions"],
    [{ apiBase: "https://openrouter.ai/api/v1/chat/completions" }, "https://openrouter.ai/api/v1/chat/completions"],
    [{ apiBase: "https://api.perplexity.test" }, "https://api.perplexity.test/chat/completions"],
    [{ apiBase: resource }, `${resource}/openai/deployments/gpt%204%2Fx/chat/completions?api-version=2024-10-21`],
    [
      { apiBase: `${resource}/openai`, apiVersion: "2025-01-01-preview" },
      `${resource}/openai/deployments/gpt%204%2Fx/chat/completions?api-version=2025-01-01-preview`,
    ],
    [
      { apiBase: `${resource}/openai/deployments/own` },
      `${resource}/openai/deployments/own/chat/completions?api-version=2024-10-21`,
    ],
    [
      { apiBase: `${resource}/openai/deployments/own/chat/completions?api-version=2024-06-01` },
      `${resource}/openai/deployments/own/chat/completions?api-version=2024-06-01`,
    ],
    [{ apiBase: `${resource}/openai/v1/` }, `${resource}/openai/v1/chat/completions`],
    [
      { apiBase: `${resource}/openai/v1/`, apiVersion: "preview" },
      `${resource}/openai/v1/chat/completions?api-version=preview`,
    ],
    [
      { apiBase: "https://gateway.test/llm", apiVersion: "2024-10-21" },
      "https://gateway.test/llm/openai/deployments/gpt%204%2Fx/chat/completions?api-version=2024-10-21",
    ],
  ])("%j: %s", (place, url) => {
    expect(find(place).url).toBe(url);
  });

  it("is named in the body, or in Azure's path", () => {
    expect(find({ apiBase: resource }).namesModel).toBe(false);
    expect(find({ apiBase: `${resource}/openai/v1` }).namesModel).toBe(true);
    expect(find({ apiBase: "http://localhost:8000/v1" }).namesModel).toBe(true);
  });

  it("gets a key of its own in the header that it wants", () => {
    expect(find({ apiBase: "http://localhost:8000/v1", apiKey: " mine\n" }).headers).toMatchObject({
      authorization: "Bearer mine",
    });
    expect(find({ apiBase: resource, apiKey: "mine" }).headers).toEqual({
      accept: "application/json",
      "api-key": "mine",
    });
  });

  it("gets OpenAI's key of the environment at OpenAI's own address alone", () => {
    const environment = { OPENAI_API_KEY: "of-the-environment" };
    expect(find({ environment }).headers).toMatchObject({ authorization: "Bearer of-the-environment" });
    expect(find({ apiBase: "https://eu.api.openai.com/v1", environment }).headers).toMatchObject({
      authorization: "Bearer of-the-environment",
    });
    for (const apiBase of [
      "http://localhost:8000/v1",
      "http://api.openai.com/v1",
      "https://api.openai.com:8443/v1",
      "https://api.openai.com.evil.test/v1",
      "https://evil.test/api.openai.com/v1",
      "https://xapi.openai.com/v1",
      resource,
    ])
      expect(Object.values(find({ apiBase, environment }).headers).join()).not.toContain("of-the-environment");
  });

  it.each(["OPENAI_BASE_URL", "OPENAI_API_BASE"])(
    "is the server of %s where there is one, and the key is that server's alone",
    (variable) => {
      const environment = { OPENAI_API_KEY: "key", [variable]: "http://proxy.test/v1" };
      expect(find({ environment })).toMatchObject({
        url: "http://proxy.test/v1/chat/completions",
        headers: { authorization: "Bearer key" },
      });
      expect(find({ apiBase: "https://api.openai.com/v1", environment })).toMatchObject({
        headers: { accept: "application/json" },
        lacksKey: true,
      });
    },
  );

  it("lacks a key where one is needed, and nowhere else", () => {
    expect(
      [find({}), find({ apiBase: resource }), find({ apiBase: "http://localhost:8000/v1" })].map(
        ({ lacksKey }) => lacksKey,
      ),
    ).toEqual([true, true, false]);
  });

  it("is refused without a usable address or key, and the key is not told", () => {
    expect(() => find({ apiBase: "localhost:8000" })).toThrow(
      expect.objectContaining({ code: "invalid_request", param: "api_base" }),
    );
    expect(() => find({ apiKey: "schlüssel-α" })).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        param: "api_key",
        message: expect.not.stringContaining("schlüssel"),
      }),
    );
  });
});
