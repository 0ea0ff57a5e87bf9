import { isDheeraError } from "@dheera-ai/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import type { Config } from "../config/config.ts";
import { parseConfig } from "../config/parse-config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { type Access, type Caller, createAccess, keyWarnings } from "./check-key.ts";

const local = "127.0.0.1";
const remote = "10.1.2.3";

describe("with a master key", () => {
  const access = accessOf("{ master_key: sk-master }");

  it.each([
    ["Authorization: Bearer", { authorization: "Bearer sk-master" }],
    ["Authorization in lower case", { authorization: "bearer sk-master" }],
    ["the bare token, as clients of Text Embeddings Inference send it", { authorization: "sk-master" }],
    ["X-Api-Key", { "x-api-key": "sk-master" }],
    ["LiteLLM's own header", { "x-litellm-api-key": "Bearer sk-master" }],
    ["LiteLLM's own header, bare", { "x-litellm-api-key": "sk-master" }],
    ["Api-Key, as Azure's clients do", { "api-key": "sk-master" }],
    ["Google's header", { "x-goog-api-key": "sk-master" }],
    ["Azure's API Management's", { "ocp-apim-subscription-key": "sk-master" }],
    ["the password in an address", { authorization: `Basic ${btoa("weaviate:sk-master")}` }],
    ["the name in an address", { authorization: `basic ${btoa("sk-master:")}` }],
    ["the name in an address, without a colon", { authorization: `Basic ${btoa("sk-master")}` }],
    ["a header beside a password for another", { authorization: `Basic ${btoa("a:b")}`, "x-api-key": "sk-master" }],
    ["a header beside another token", { authorization: "Bearer of-an-ingress", "x-litellm-api-key": "sk-master" }],
  ])("lets in a caller that sends it as %s", (_name, headers) => {
    expect(identify(access, headers)).toEqual({ id: "master", name: "master", isMaster: true, owners: [] });
  });

  it.each([
    ["no key", {}, "a key is needed: send it as Authorization: Bearer <key>"],
    [
      "another key",
      { authorization: "Bearer sk-mastes" },
      "the key is not known: check it, or ask the operator for one",
    ],
    ["a key that begins like it", { authorization: "Bearer sk-master2" }, "the key is not known"],
    ["another password", { authorization: `Basic ${btoa("sk-master:sk-mastes")}` }, "the key is not known"],
    ["an empty password", { authorization: `Basic ${btoa(":")}` }, "the key is not known"],
    ["a password that is no base64", { authorization: "Basic \u00e4%" }, "the key is not known"],
    ["an empty key", { authorization: "Bearer " }, "the key is not known"],
  ])("refuses %s, also from this machine", (_name, headers, message) => {
    expect(() => identify(access, headers, local)).toThrow(message);
  });

  it("finds the master key in the environment where the configuration has none", () => {
    for (const name of ["DHEERA_AI_MASTER_KEY", "LITELLM_MASTER_KEY"])
      expect(identify(accessOf("{}", { [name]: "sk-env" }), { authorization: "Bearer sk-env" })).toMatchObject({
        name: "master",
      });
    expect(() =>
      identify(accessOf("{ master_key: a }", { LITELLM_MASTER_KEY: "b" }), { authorization: "Bearer b" }),
    ).toThrow("not known");
    const both = accessOf("{}", { DHEERA_AI_MASTER_KEY: "ours", LITELLM_MASTER_KEY: "theirs" });
    expect(() => identify(both, { authorization: "Bearer theirs" })).toThrow("not known");
  });

  it("is not the key that clients read from DHEERA_AI_API_KEY, which a warning says", () => {
    const environment = { DHEERA_AI_API_KEY: "sk-client" };
    expect(() => identify(accessOf("{}", environment), { authorization: "Bearer sk-client" }, remote)).toThrow(
      "it has no key and so serves only callers on its own machine",
    );
    const long = "a-master-key-of-its-own";
    const warnings = (general: string, more = {}): number =>
      keyWarnings(configOf(general), { ...environment, ...more }).length;
    expect([warnings("{}"), warnings(`{ master_key: ${long} }`), warnings("{}", { LITELLM_MASTER_KEY: long })]).toEqual(
      [1, 0, 0],
    );
  });

  it("reads the key from a header of the operator's choice, and from Authorization still", () => {
    const chosen = accessOf("{ master_key: sk-master, litellm_key_header_name: X-Acme-Key }");
    for (const [name, value] of [
      ["x-acme-key", "Bearer sk-master"],
      ["x-acme-key", "sk-master"],
      ["authorization", "Bearer sk-master"],
    ] as const)
      expect(identify(chosen, { [name]: value })).toMatchObject({ name: "master" });
  });
});

describe("with a list of keys", () => {
  const keys =
    "{ keys: [{ name: search, key: os.environ/SEARCH, models: [bge] }, { name: old, key: os.environ/OLD, expires: 2020-01-01 }, { name: new, key: os.environ/NEW, expires: 2100-01-01 }] }";
  const access = accessOf(keys, { SEARCH: "sk-search", OLD: "sk-old", NEW: "sk-new" });

  it("names the key that was used and what it may do", () => {
    const caller = identify(access, { authorization: "Bearer sk-search" });
    expect(caller).toMatchObject({ name: "search", isMaster: false, key: { models: ["bge"] } });
    expect(JSON.stringify(caller)).not.toContain("sk-search");
  });

  it("refuses a key from the day it expires", () => {
    expect(() => identify(access, { authorization: "Bearer sk-old" })).toThrow("the key old has expired");
    expect(identify(access, { authorization: "Bearer sk-new" })).toMatchObject({ name: "new" });
  });

  it("refuses a key from then on, however often it was let in before, and a wrong one every time", () => {
    vi.useFakeTimers({ now: new Date("2099-12-31T23:59:00Z") });
    onTestFinished(() => void vi.useRealTimers());
    for (let time = 0; time < 2; time++) {
      expect(identify(access, { authorization: "Bearer sk-new" })).toMatchObject({ name: "new" });
      expect(() => identify(access, { authorization: "Bearer sk-wrong" })).toThrow("not known");
    }
    vi.setSystemTime(new Date("2100-01-01T00:00:00Z"));
    expect(() => identify(access, { authorization: "Bearer sk-new" })).toThrow("the key new has expired");
  });

  it("does not take the hash in place of the key", () => {
    const hash = accessKeyHash(access);
    expect(() => identify(access, { authorization: `Bearer ${hash}` })).toThrow("not known");
  });
});

describe("with a configured master key whose variable is not set", () => {
  const access = accessOf("{ master_key: os.environ/UNSET_MASTER }");

  it("lets no caller in, and says which variable to set", () => {
    const reason = "general_settings.master_key needs the environment variable UNSET_MASTER, which is not set";
    expect(() => identify(access, {}, local)).toThrow(reason);
    expect(() => identify(access, { authorization: "Bearer x" }, local)).toThrow(reason);
  });
});

describe("without any key", () => {
  const access = accessOf("{}");

  it.each(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])("serves programs on this machine: %s", (peer) => {
    expect(identify(access, { host: "localhost:4000" }, peer)).toEqual({
      id: "local",
      name: "local",
      isMaster: true,
      owners: [],
    });
  });

  it.each(["localhost", "127.0.0.1:4000", "[::1]:4000", "0.0.0.0:4000", "proxy.localhost"])(
    "answers to the name %s",
    (host) => {
      expect(identify(access, { host }, local)).toMatchObject({ name: "local" });
    },
  );

  it.each([
    ["another machine", {}, remote],
    ["an address in IPv4's IPv6 form", {}, "::ffff:10.0.0.1"],
    ["an unknown peer", {}, undefined],
    ["another proxy (X-Forwarded-For)", { "x-forwarded-for": "127.0.0.1" }, local],
    ["another proxy (Forwarded)", { forwarded: "for=127.0.0.1" }, local],
    ["another proxy (X-Forwarded-Server)", { "x-forwarded-server": "proxy" }, local],
    ["another proxy (X-Cluster-Client-Ip)", { "x-cluster-client-ip": "127.0.0.1" }, local],
    ["another proxy (X-Envoy-External-Address)", { "x-envoy-external-address": "127.0.0.1" }, local],
    ["another proxy (X-Real-IP)", { "x-real-ip": "127.0.0.1" }, local],
    ["another proxy (Via)", { via: "1.1 nginx" }, local],
    ["a foreign name that points at this machine", { host: "evil.example:4000" }, local],
    ["a page of another site", { host: "localhost:4000", origin: "https://evil.example" }, local],
    ["a page without an origin", { host: "localhost:4000", origin: "null" }, local],
    ["a page that the browser calls foreign", { host: "localhost:4000", "sec-fetch-site": "cross-site" }, local],
  ])("refuses %s with the remedy", (_name, headers, peer) => {
    const error = failure(() => identify(access, headers, peer));
    expect(isDheeraError(error) && [error.code, error.message]).toEqual([
      "unauthenticated",
      expect.stringContaining(
        "set general_settings.master_key or DHEERA_AI_MASTER_KEY and send the key as Authorization: Bearer",
      ),
    ]);
  });

  it("serves its own pages", () => {
    const headers = { host: "localhost:4000", origin: "http://localhost:4000", "sec-fetch-site": "same-origin" };
    expect(identify(access, headers, local)).toMatchObject({ name: "local" });
  });
});

describe("keyWarnings", () => {
  it.each([
    ["sk-1234", true],
    ["sk-0123456789abcdef", false],
  ])("warn of a master key that could be guessed, without quoting it: %s", (master_key, isWeak) => {
    for (const [settings, environment] of [
      [`{ master_key: ${master_key} }`, {}],
      ["{}", { DHEERA_AI_MASTER_KEY: master_key }],
    ] as const) {
      const text = `model_list: [{ model_name: bge, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings: ${settings}`;
      const warnings = keyWarnings(parseConfig(text, { file: "config.yaml", environment }).config, environment);
      expect(warnings).toEqual(isWeak ? [expect.stringContaining("has fewer than 16 characters")] : []);
      expect(warnings.join()).not.toContain(master_key);
    }
  });
});

describe("allowed_ips", () => {
  it("lets only these addresses and ranges in, in any form of writing", () => {
    const access = accessOf("{ allowed_ips: [10.0.0.0/8, 192.168.1.7, 'fd00::/8'] }");
    for (const peer of ["10.200.3.4", "::ffff:10.0.0.1", "192.168.1.7", "fd12::1"])
      expect(() => access.checkAddress(new Headers(), () => peer), peer).not.toThrow();
    for (const peer of ["11.0.0.1", "192.168.1.8", "fe80::1", "nonsense", undefined])
      expect(() => access.checkAddress(new Headers(), () => peer)).toThrow("is not in general_settings.allowed_ips");
  });

  it.each(["0x0a000001", "012.0.0.1", "10.1", "167772161", "10.0.0.01", "::ffff:012.0.0.1"])(
    "takes no address that programs read differently: %s",
    (address) => {
      const access = accessOf("{ allowed_ips: [10.0.0.0/8], use_x_forwarded_for: true }");
      const headers = new Headers({ "x-forwarded-for": address });
      expect(() => access.checkAddress(headers, () => "10.0.0.1")).toThrow("is not in general_settings.allowed_ips");
    },
  );

  it("uses X-Forwarded-For only when that is switched on, and then only its last entry", () => {
    const headers = new Headers({ "x-forwarded-for": "10.0.0.1, 203.0.113.9" });
    const trusting = accessOf("{ allowed_ips: [203.0.113.9], use_x_forwarded_for: true }");
    const peer = (): string => "172.16.0.1";
    expect(() => trusting.checkAddress(headers, peer)).not.toThrow();
    expect(() => trusting.checkAddress(new Headers({ "x-forwarded-for": "203.0.113.9, 10.0.0.1" }), peer)).toThrow(
      "10.0.0.1",
    );
    const wary = accessOf("{ allowed_ips: [203.0.113.9] }");
    expect(() => wary.checkAddress(headers, peer)).toThrow("172.16.0.1");
  });
});

function accessOf(settings: string, environment: Environment = {}): Access {
  return createAccess(configOf(settings, environment), environment);
}

function configOf(settings: string, environment: Environment = {}): Config {
  const text = `model_list: [{ model_name: bge, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings: ${settings}`;
  return parseConfig(text, { file: "config.yaml", environment }).config;
}

function identify(
  access: Access,
  headers: Readonly<Record<string, string>>,
  peer: string | undefined = remote,
): Caller {
  const caller = access.identify(new Headers(headers), () => peer);
  if (caller instanceof Promise) throw new Error("keys of the file are known at once");
  return caller;
}

function accessKeyHash(access: Access): string {
  const { key } = identify(access, { authorization: "Bearer sk-search" });
  return key?.key ?? "";
}

function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("it was let in");
}
