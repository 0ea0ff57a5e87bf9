import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { findLocalModel } from "./list-models.ts";
import { crossEncoder, impatient, openHubTest } from "./testing/hub-test.ts";
import { memberToken } from "./testing/hub-stand-in.ts";

describe("a model that is gated", () => {
  const gated = { "org/model": crossEncoder({ gated: "manual" }) };

  it("says where to ask for access, and that HF_TOKEN is needed", async () => {
    await using test = await openHubTest(gated);
    expect((await test.plan()).isGated).toBe(true);
    await expect(test.pull()).rejects.toMatchObject({
      code: "provider_auth",
      message: `org/model is gated: ask for access at ${test.hub.url}/org/model, then set HF_TOKEN to a token of the account that has it (or: hf auth login)`,
      upstream: { status: 401, code: "GatedRepo" },
    });
  });

  it("says that the account of the token has no access yet", async () => {
    await using test = await openHubTest(gated);
    const environment = { ...test.environment, HF_TOKEN: "hf_stranger" };
    await expect(test.pull("org/model", { environment })).rejects.toThrow(
      `org/model is gated: ask for access at ${test.hub.url}/org/model, with the account of the token of HF_TOKEN, which has none yet`,
    );
  });

  it("is downloaded with a token that may, which only the Hub sees", async () => {
    await using test = await openHubTest(gated);
    await test.pull("org/model", { environment: { ...test.environment, HF_TOKEN: `${memberToken}\n` } });
    const [hub, cdn] = ["hub", "cdn"].map((server) => test.hub.requests.filter((seen) => seen.server === server));
    expect(hub?.every(({ headers }) => headers.authorization === `Bearer ${memberToken}`)).toBe(true);
    expect(cdn?.length).toBeGreaterThan(0);
    expect(cdn?.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it.each([
    ["HF_TOKEN_PATH", "elsewhere/token", { HF_TOKEN_PATH: "~/elsewhere/token" }],
    ["HF_HOME", "hf/token", { HF_HOME: "~/hf" }],
    ["XDG_CACHE_HOME", "caches/huggingface/token", { XDG_CACHE_HOME: "~/caches" }],
    ["the home folder", ".cache/huggingface/token", {}],
  ])("is downloaded with the token that hf auth login wrote: %s", async (_, file, variables) => {
    await using test = await openHubTest(gated);
    const path = join(test.environment["HOME"] ?? "", file);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, `${memberToken}\n`);
    await test.pull("org/model", { environment: { ...test.environment, ...variables } });
    const without = { ...test.environment, ...variables, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" };
    await test.plan("org/model", { environment: without });
    expect(test.hub.requests.at(-1)?.headers.authorization).toBeUndefined();
  });
});

describe("the Hub", () => {
  it("has no such model, or does not show it", async () => {
    await using test = await openHubTest({ "org/secret": crossEncoder({ isPrivate: true }) });
    const unknown = "; if it is private or gated, set HF_TOKEN (or: hf auth login)";
    await expect(test.plan("org/other")).rejects.toThrow(`the Hub has no model org/other${unknown}`);
    await expect(test.plan("org/secret")).rejects.toThrow(`the Hub has no model org/secret${unknown}`);
    const stranger = { ...test.environment, HF_TOKEN: "hf_stranger" };
    await expect(test.plan("org/secret", { environment: stranger })).rejects.toThrow(
      "the Hub has no model org/secret that the token of HF_TOKEN may see",
    );
  });

  it("does not know the token, which no message shows", async () => {
    await using test = await openHubTest();
    const environment = { ...test.environment, HF_TOKEN: "hf_expired-zebra" };
    const failure: unknown = await test.plan("org/model", { environment }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "provider_auth",
      message: "the Hub does not know the token of HF_TOKEN; it may have expired or been copied wrong",
    });
    expect(JSON.stringify(failure) + String(failure)).not.toContain("zebra");
  });

  it("does not get a token that no header can hold", async () => {
    await using test = await openHubTest();
    const environment = { ...test.environment, HF_TOKEN: "hf_a\nb" };
    await expect(test.plan("org/model", { environment })).rejects.toThrow(
      "the token from HF_TOKEN holds characters that no HTTP header may hold; copy it again",
    );
    expect(test.hub.requests).toEqual([]);
  });

  it.each([
    ["ftp://hub.test", "HF_ENDPOINT must be a URL that begins with http:// or https://"],
    ["https://me:secret@hub.test", "HF_ENDPOINT holds a user name or password; give the token as HF_TOKEN"],
  ])("is not at %s", async (address, message) => {
    await using test = await openHubTest();
    await expect(test.plan("org/model", { environment: { HF_ENDPOINT: address } })).rejects.toThrow(message);
  });

  it("may be a mirror below a path", async () => {
    await using test = await openHubTest();
    const seen: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      seen.push(String(input));
      return new Response("", { status: 404, headers: { "x-error-code": "RepoNotFound" } });
    };
    const environment = { HF_ENDPOINT: "https://mirror.test/hf/", HOME: test.environment["HOME"] };
    await expect(test.plan("org/model@refs/pr/1", { environment, fetch })).rejects.toThrow("the Hub has no model");
    expect(seen).toEqual(["https://mirror.test/hf/api/models/org/model/revision/refs%2Fpr%2F1?blobs=true"]);
  });

  it("is the public one unless HF_ENDPOINT says otherwise, and only it gets the token", async () => {
    await using test = await openHubTest();
    const seen: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      seen.push(`${String(input)} ${new Headers(init?.headers).get("authorization")}`);
      return seen.length === 1
        ? Response.redirect("https://huggingface.co.test/else", 307)
        : new Response("", { status: 404 });
    };
    const environment = { HF_TOKEN: "hf_mine", HOME: test.environment["HOME"] };
    await expect(test.plan("org/model", { environment, fetch })).rejects.toThrow();
    expect(seen).toEqual([
      "https://huggingface.co/api/models/org/model/revision/main?blobs=true Bearer hf_mine",
      "https://huggingface.co.test/else null",
    ]);
  });

  it("has given the model another name, which the cache does not follow", async () => {
    await using test = await openHubTest({ "org/new": crossEncoder({ gated: "auto" }) });
    test.hub.failWith(({ path }) =>
      path.includes("org/old") ? { kind: "redirect", to: path.replace("org/old", "org/new") } : undefined,
    );
    const environment = { ...test.environment, HF_TOKEN: memberToken };
    const { folder } = await test.pull("org/old", { environment });
    expect(folder).toContain(join(test.cache, "models--org--old", "snapshots"));
    expect(await findLocalModel("org/old", { environment })).toMatchObject({ problem: undefined });
  });

  it("is overloaded for a while", async () => {
    await using test = await openHubTest();
    const statuses: Readonly<Record<string, number>> = { api: 429, org: 503, lfs: 500 };
    test.hub.failWith(({ path, before }) => {
      const status = statuses[path.split("/")[1] ?? ""] ?? 502;
      return before === 0 ? { kind: "status", status, headers: { "retry-after": "0" } } : undefined;
    });
    const { folder } = await test.pull();
    expect(folder).toContain(test.cache);
  });

  it("is overloaded for longer than anybody waits", async () => {
    await using test = await openHubTest();
    test.hub.failWith(() => ({ kind: "status", status: 429, headers: { "retry-after": "600" } }));
    await expect(test.plan()).rejects.toMatchObject({ message: "the Hub answered with HTTP 429", retryAfter: 600 });
    expect(test.hub.requests).toHaveLength(1);
    test.hub.failWith(() => ({ kind: "status", status: 502 }));
    await expect(test.plan()).rejects.toThrow("the Hub answered with HTTP 502");
    expect(test.hub.requests).toHaveLength(1 + impatient.tries);
  });

  it("is not there", async () => {
    await using test = await openHubTest();
    const environment = { ...test.environment, HF_ENDPOINT: "http://127.0.0.1:9" };
    await expect(test.plan("org/model", { environment })).rejects.toThrow(
      /^the connection to 127\.0\.0\.1:9 failed.*; check the network, HTTPS_PROXY and HF_ENDPOINT$/,
    );
  });

  it.each(["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])(
    "is not asked when %s is set; what is complete is found",
    async (variable) => {
      await using test = await openHubTest();
      const environment = { ...test.environment, [variable]: "1" };
      await expect(test.plan("org/model", { environment })).rejects.toThrow(/HF_HUB_OFFLINE is set/);
      expect(test.hub.requests).toEqual([]);
      await expect(findLocalModel("org/model", { environment })).rejects.toThrow(
        "org/model is not on this machine in the revision main",
      );
      await test.pull();
      expect(await findLocalModel("org/model", { environment })).toMatchObject({ weights: "onnx/model.onnx" });
    },
  );
});

describe("a repository", () => {
  it.each([
    ["without ONNX", { "onnx/model.onnx": "", "onnx/model_fp16.onnx": "" }, /has no ONNX file, only/],
    ["without a tokenizer", { "tokenizer.json": "" }, /^org\/model has no tokenizer\.json/],
  ])("%s is refused before anything is downloaded", async (_, without, message) => {
    const model = crossEncoder();
    const files = Object.fromEntries(Object.entries(model.files).filter(([path]) => !(path in without)));
    await using test = await openHubTest({ "org/model": { ...model, files } });
    await expect(test.plan()).rejects.toThrow(message);
  });

  it.each([
    [{ license: "apache-2.0" }, { id: "apache-2.0", isNonCommercial: false }],
    [{ license: "cc-by-nc-4.0" }, { id: "cc-by-nc-4.0", isNonCommercial: true }],
    [{ license: ["mit", "cc-by-nc-sa-3.0"] }, { id: "mit, cc-by-nc-sa-3.0", isNonCommercial: true }],
    [
      { license: "other", license_name: "example-noncommercial-license", license_link: "https://example.invalid/l" },
      { id: "other", name: "example-noncommercial-license", link: "https://example.invalid/l", isNonCommercial: true },
    ],
    [
      { license: "other", license_name: "own" },
      { id: "other", name: "own", isNonCommercial: false },
    ],
    [{ license: "intel-research" }, { id: "intel-research", isNonCommercial: true }],
    [{ license: "gemma" }, { id: "gemma", isNonCommercial: false }],
    [{}, { id: undefined, isNonCommercial: false }],
    [
      { license: 7, license_link: {} },
      { id: undefined, link: undefined },
    ],
  ])("with the card %o has the licence %o", async (card, licence) => {
    await using test = await openHubTest({ "org/model": { ...crossEncoder(), card } });
    expect((await test.plan()).licence).toMatchObject(licence);
  });
});
