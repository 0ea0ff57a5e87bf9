import { describe, expect, it } from "vitest";

import { InFlight, SharedJob } from "./in-flight.ts";

function claimed(scope: string, text: string): InFlight<number> {
  const inFlight = new InFlight<number>();
  const job = new SharedJob<number>(Number.POSITIVE_INFINITY, () => new Promise(() => {}));
  inFlight.claim(scope, [text], job);
  return inFlight;
}

describe("work in flight", () => {
  it("is found by another request for the same text in the same scope", () => {
    expect(claimed("scope", "text").find("scope", ["text", "other"], new Set())).toMatchObject({ free: [1] });
    expect(claimed("scope", "text").find("another", ["text"], new Set())).toMatchObject({ free: [0] });
  });

  // V8 compares texts beyond 16,383 characters with all others of their length.
  it("is not looked for by texts, nor by queries, that are slow to tell apart", () => {
    const long = "x".repeat(20_000);
    expect(claimed("scope", long).find("scope", [long], new Set())).toMatchObject({ free: [0] });
    expect(claimed(long, "text").find(long, ["text"], new Set())).toMatchObject({ free: [0] });
  });
});
