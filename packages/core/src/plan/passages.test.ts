import { describe, expect, it } from "vitest";

import { createDheera } from "../dheera.ts";
import { pointwise, scriptedProvider } from "../fixtures/scripted-provider.ts";
import { jsonBytes } from "./json-bytes.ts";

const bytesPerCall = 20_000;

/** The documents that a server of that limit is sent. */
async function sentFor(document: string, more: object = {}): Promise<readonly string[]> {
  const provider = scriptedProvider(undefined, { ...pointwise, limits: { bytesPerCall } });
  const dheera = createDheera({
    providers: [provider],
    model_list: [{ model_name: "m", dheera_ai_params: { model: "scripted/m" } }],
  });
  await dheera.rerank({ model: "m", query: "q", documents: ["short", document], ...more });
  return provider.sent();
}

describe("a document larger than a call may be", () => {
  it.each([
    ["letters", "x".repeat(50_000)],
    ["three bytes each", "検".repeat(20_000)],
    ["four bytes each", "😀".repeat(20_000)],
    ["control characters", "\u001f".repeat(20_000)],
  ])("is cut to what fits: %s", async (_name, document) => {
    const sent = await sentFor(document);
    const cut = sent.find((text) => text !== "short") ?? "";
    expect(document.startsWith(cut)).toBe(true);
    expect(cut.isWellFormed()).toBe(true);
    expect(jsonBytes(cut)).toBeLessThanOrEqual(bytesPerCall);
    expect(jsonBytes(cut)).toBeGreaterThan(bytesPerCall * 0.9);
  });

  it("keeps its end where it is to be cut on the left", async () => {
    const sent = await sentFor(`${"x".repeat(50_000)} the end`, { truncation_direction: "left" });
    expect(sent.some((text) => text.endsWith(" the end") && text.length < bytesPerCall)).toBe(true);
  });

  it("is left whole where the caller wants it refused", async () => {
    expect(await sentFor("x".repeat(50_000), { truncate: false })).toContain("x".repeat(50_000));
  });

  it("is left whole beside a query that is too large by itself, which the server must refuse", async () => {
    const document = "x".repeat(50_000);
    expect(await sentFor(document, { query: "q".repeat(50_000) })).toContain(document);
  });
});
