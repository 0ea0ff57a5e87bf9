import type { Environment } from "@dheera-ai/core/provider-utils";
import { describe, expect, test } from "vitest";

import { connect, failureOf, score } from "../testing/connect.ts";
import { serve } from "../testing/serve.ts";
import { teiAnswers } from "../testing/tei.ts";
import { findKey } from "./credentials.ts";
import { type Endpoint, resolveEndpoint } from "./endpoint.ts";

const router = placeAt("https://router.huggingface.co/hf-inference");
const elsewhere = placeAt("https://example.com");
const noFile = (): Promise<string> => Promise.reject(new Error("no such file"));
const everything = {
  HF_TOKEN: "hf_one",
  HUGGING_FACE_HUB_TOKEN: "hf_two",
  HUGGINGFACE_API_KEY: "hf_three",
  HOME: "/home/a",
};

describe("the key", () => {
  test.each<{ given?: string; environment: Environment; source: string; token: string }>([
    { given: "hf_given", environment: everything, source: "api_key", token: "hf_given" },
    { environment: everything, source: "HF_TOKEN", token: "hf_one" },
    { environment: { ...everything, HF_TOKEN: "" }, source: "HUGGING_FACE_HUB_TOKEN", token: "hf_two" },
    {
      environment: { ...everything, HF_TOKEN: undefined, HUGGING_FACE_HUB_TOKEN: "\n" },
      source: "HUGGINGFACE_API_KEY",
      token: "hf_three",
    },
    { environment: { HOME: "/home/a" }, source: "the token file", token: "hf_file" },
  ])("comes from $source", async ({ given, environment, source, token }) => {
    expect(await findKey(given, router, environment, async () => "hf_file\n")).toEqual({ kind: "sent", token, source });
  });

  test.each([
    { environment: { HF_TOKEN_PATH: "~/token.txt", HF_HOME: "/hf", HOME: "/home/a" }, path: "/home/a/token.txt" },
    { environment: { HF_HOME: "/hf", XDG_CACHE_HOME: "/cache", HOME: "/home/a" }, path: "/hf/token" },
    { environment: { XDG_CACHE_HOME: "/cache", HOME: "/home/a" }, path: "/cache/huggingface/token" },
    { environment: { USERPROFILE: "/users/a" }, path: "/users/a/.cache/huggingface/token" },
  ])("is read from the file $path", async ({ environment, path }) => {
    const key = await findKey(undefined, router, environment, async (asked) => (asked === path ? "hf_file" : ""));
    expect(key).toMatchObject({ token: "hf_file" });
  });

  test("is absent when none of them is set", async () => {
    expect(await findKey(undefined, router, { HOME: "/home/a" }, noFile)).toEqual({ kind: "none" });
    expect(await findKey("  ", router, {}, noFile)).toEqual({ kind: "none" });
  });

  test("of the environment is never sent to another host", async () => {
    expect(await findKey(undefined, elsewhere, everything, noFile)).toEqual({ kind: "withheld", source: "HF_TOKEN" });
  });

  test("of the token file is not even read for another host", async () => {
    const readFile = (): Promise<string> => {
      throw new Error("read");
    };
    expect(await findKey(undefined, elsewhere, { HOME: "/home/a" }, readFile)).toEqual({ kind: "none" });
  });

  test("given as api_key is sent to any host", async () => {
    expect(await findKey("hf_given", elsewhere, {}, noFile)).toMatchObject({ token: "hf_given" });
  });

  test.each(["1", "true", "YES", "on"])(
    "is not taken from the environment when HF_HUB_DISABLE_IMPLICIT_TOKEN is %s",
    async (disable) => {
      const environment = { ...everything, HF_HUB_DISABLE_IMPLICIT_TOKEN: disable };
      expect(await findKey(undefined, router, environment, noFile)).toEqual({ kind: "none" });
      expect(await findKey("hf_given", router, environment, noFile)).toMatchObject({ token: "hf_given" });
    },
  );

  test("with characters that no header may hold is refused without being quoted", async () => {
    const failure = await failureOf(findKey("hf_one\nhf_two", router, {}, noFile));
    expect(failure).toMatchObject({ code: "invalid_request", param: "api_key" });
    expect(failure.message).not.toContain("hf_one");
  });
});

test("when a server elsewhere wants a key, the error says that the key of the environment was not sent", async () => {
  await using server = await serve(teiAnswers({ apiKey: "secret" }));
  const failure = await failureOf(
    score(connect({ apiBase: server.url, environment: { HF_TOKEN: "hf_one" } }), ["one"]),
  );
  expect(failure.message).toContain("HF_TOKEN was not sent");
  expect(server.received.map(({ headers }) => headers["authorization"])).toEqual([undefined]);
});

test("a base of the environment gets its twin, and no token of Hugging Face", async () => {
  await using server = await serve(teiAnswers());
  await score(connect({ environment: { HF_API_BASE: server.url, ...everything } }), ["one"]);
  await score(connect({ environment: { HUGGINGFACE_API_BASE: server.url, ...everything } }), ["one"]);
  const sent = server.received.map(({ headers }) => headers["authorization"]);
  expect([...new Set(sent)]).toEqual([undefined, "Bearer hf_three"]);
});

function placeAt(apiBase: string): Endpoint {
  return resolveEndpoint({ apiBase, model: "BAAI/bge-reranker-base" }, {}, {});
}
