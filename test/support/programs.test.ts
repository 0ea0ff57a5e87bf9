import { chmod } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, describe, expect, it, vi } from "vitest";

import { findProgram, needs } from "./programs.ts";
import { describeSkipped } from "./skipped-tests-reporter.ts";
import { createFolder } from "./temporary-folder.ts";

afterEach(() => vi.unstubAllEnvs());

describe("a test that needs a program", () => {
  it("runs where the program is in the PATH", async () => {
    await using folder = await createFolder({ curl: "", python3: "" });
    await chmod(join(folder.path, "curl"), 0o755);
    vi.stubEnv("PATH", `/nonexistent:${folder.path}`);
    expect(findProgram("curl")).toBe(join(folder.path, "curl"));
    expect(needs("curl")).toEqual({});
    expect(findProgram("python3")).toBeUndefined();
  });

  it("is skipped where the program is missing, and says which", () => {
    vi.stubEnv("PATH", "/nonexistent");
    vi.stubEnv("DHEERA_TEST_REQUIRE", "kubectl");
    expect(needs("curl", "python3")).toEqual({ skip: true, meta: { missing: ["curl", "python3"] } });
  });

  it("fails where the program is required and missing, and says how to get it", () => {
    vi.stubEnv("PATH", "/nonexistent");
    vi.stubEnv("DHEERA_TEST_REQUIRE", "chromium, redis");
    expect(() => needs("redis-server")).toThrow(
      "DHEERA_TEST_REQUIRE names redis-server, which is not installed: apt-get install redis-server",
    );
    expect(() => needs("curl", "chromium")).toThrow("apt-get install chromium");
  });

  it("is not silently optional when the required program is misspelled", () => {
    vi.stubEnv("DHEERA_TEST_REQUIRE", "chrome");
    expect(() => needs("curl")).toThrow(
      "DHEERA_TEST_REQUIRE names chrome, which no test needs; known are redis-server",
    );
  });
});

describe("the last line of a run", () => {
  it("is absent when nothing was skipped", () => {
    expect(describeSkipped([])).toBeUndefined();
    expect(describeSkipped([[]])).toBeUndefined();
  });

  it("counts skipped tests by the program they need, and says how to get it", () => {
    expect(describeSkipped([["redis-server"], ["redis-server"], ["chromium", "curl"]])).toBe(
      "Skipped: 2 tests that need redis-server (apt-get install redis-server), 1 that needs chromium (apt-get install chromium), 1 that needs curl (apt-get install curl)",
    );
  });
});
