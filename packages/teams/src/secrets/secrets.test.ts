import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { mapTexts } from "./map-texts.ts";
import { type Secrets, isEncrypted, keyIdOf, openSecrets } from "./secrets.ts";

const first = "sk-salt-of-the-first-year";
const second = "sk-salt-of-the-second-year";
let secrets: Secrets;

beforeAll(async () => {
  secrets = await openSecrets({ DHEERA_AI_SALT_KEY: first });
});

describe("openSecrets", () => {
  it("gives back every text, for its place alone, and shows nothing of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 4 }), fc.string(), fc.string(), (text, place, other) => {
        const encrypted = secrets.encrypt(text, place);
        expect(encrypted).toMatch(/^enc:v1:[0-9a-f]{8}:[\w-]{16}:[\w-]+$/);
        expect(encrypted).not.toContain(text);
        expect(secrets.decrypt(encrypted, place)).toBe(text.toWellFormed());
        if (other !== place) expect(() => secrets.decrypt(encrypted, other)).toThrow("copied there from elsewhere");
      }),
    );
  });

  it("encrypts the same text otherwise each time, also an empty one", () => {
    const all = Array.from({ length: 100 }, () => secrets.encrypt("", "p"));
    expect(new Set(all).size).toBe(100);
    expect(secrets.decrypt(all[0] ?? "", "p")).toBe("");
  });

  it("refuses a text of which anything was changed", () => {
    const encrypted = secrets.encrypt("hf_secret", "p");
    const start = encrypted.indexOf(":", "enc:v1:".length) + 1;
    for (let index = start; index < encrypted.length; index++) {
      // The last sign of a text in base64 may hold bits that mean nothing.
      if (encrypted[index] === ":" || index === encrypted.length - 1) continue;
      const changed = `${encrypted.slice(0, index)}${encrypted[index] === "A" ? "B" : "A"}${encrypted.slice(index + 1)}`;
      expect(() => secrets.decrypt(changed, "p")).toThrow(
        "p was changed in the database, or copied there from elsewhere: set it again",
      );
    }
    for (const cut of [encrypted.slice(0, start), encrypted.slice(0, -30), "enc:v1:", "enc:v1::::", "plain", ""])
      expect(() => secrets.decrypt(cut, "p")).toThrow(/^p was /);
    expect(() => secrets.decrypt(encrypted.replace(/:[\w-]+$/, ""), "p")).not.toThrow("hf_secret");
  });

  it("decrypts with previous keys and encrypts with the current one", async () => {
    const old = secrets.encrypt("text", "p");
    const both = await openSecrets({
      DHEERA_AI_SALT_KEY: second,
      DHEERA_AI_PREVIOUS_SALT_KEYS: ` another-old-salt-key, ${first},`,
    });
    expect(both.decrypt(old, "p")).toBe("text");
    const renewed = both.encrypt("text", "p");
    expect([keyIdOf(old), keyIdOf(renewed)]).toEqual([secrets.keyId, both.keyId]);
    expect(secrets.keyId).not.toBe(both.keyId);
    expect(() => secrets.decrypt(renewed, "p")).toThrow(
      `p was encrypted with the key ${both.keyId}, which is not set: name it in DHEERA_AI_SALT_KEY or DHEERA_AI_PREVIOUS_SALT_KEYS`,
    );
  });

  it("takes LiteLLM's name of the key, after ours", async () => {
    const litellm = await openSecrets({ LITELLM_SALT_KEY: first });
    expect(litellm.keyId).toBe(secrets.keyId);
    expect((await openSecrets({ LITELLM_SALT_KEY: second, DHEERA_AI_SALT_KEY: first })).keyId).toBe(secrets.keyId);
  });

  it("says which variable must be set, and which is too short, without showing it", async () => {
    const none = await openSecrets({});
    expect(none.keyId).toBeUndefined();
    expect(() => none.encrypt("x", "p")).toThrow("set DHEERA_AI_SALT_KEY for every process of the proxy");
    expect(() => none.encrypt("x", "p")).toThrow(expect.objectContaining({ code: "invalid_request" }));
    for (const [variable, value] of [
      ["DHEERA_AI_SALT_KEY", "short-salt"],
      ["LITELLM_SALT_KEY", "short-salt"],
      ["DHEERA_AI_PREVIOUS_SALT_KEYS", `${first},short-salt`],
    ] as const)
      await expect(openSecrets({ [variable]: value })).rejects.toThrow(
        new RegExp(`^${variable} must have at least 16 characters$`),
      );
  });
});

describe("mapTexts", () => {
  it("changes texts wherever they stand, says where, and leaves the rest", () => {
    const data = { a: "x", b: [{ c: "y" }, 1, null, true], d: {} };
    expect(mapTexts(data, (text, path) => `${path}=${text}`)).toEqual({
      a: "a=x",
      b: [{ c: "b.0.c=y" }, 1, null, true],
      d: {},
    });
    fc.assert(fc.property(fc.jsonValue(), (value) => void expect(mapTexts(value, (text) => text)).toEqual(value)));
  });

  it("and secrets together change data into data without them, and back", () => {
    const data = { model: "cohere/x", headers: { authorization: "Bearer secret" } };
    const encrypted = mapTexts(data, (text, path) => (path === "model" ? text : secrets.encrypt(text, path)));
    expect(JSON.stringify(encrypted)).not.toContain("secret");
    expect(mapTexts(encrypted, (text, path) => (isEncrypted(text) ? secrets.decrypt(text, path) : text))).toEqual(data);
  });
});
