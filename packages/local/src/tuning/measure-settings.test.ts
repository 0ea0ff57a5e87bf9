import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { measureSettings, type MeasuringOptions } from "./measure-settings.ts";

const fixture = fileURLToPath(new URL("../fixtures/models/cross-encoder", import.meta.url));
const stack = new AsyncDisposableStack();
/** A folder with a model whose weights are there in two forms. */
let model: string;

beforeAll(async () => {
  const folder = stack.use(await createFolder()).path;
  model = join(folder, "model");
  await cp(fixture, model, { recursive: true });
  await cp(join(model, "onnx/model.onnx"), join(model, "onnx/model_quantized.onnx"));
});

afterAll(() => stack.disposeAsync());

const measuring = (more: Partial<MeasuringOptions> = {}): MeasuringOptions => ({
  environment: {},
  query: "a moon",
  documents: ["a sun", "a moon", "a moon and a sun"],
  milliseconds: 300_000,
  signal: new AbortController().signal,
  ...more,
});

describe("measureSettings", () => {
  it("measures what is set, each of the other weights, and the fastest with half of the threads", async () => {
    const measured = await measureSettings(model, { threads: 2 }, measuring());
    expect(measured.map(({ file, dtype, threads, isCurrent }) => ({ file, dtype, threads, isCurrent }))).toEqual([
      { file: "onnx/model.onnx", dtype: "fp32", threads: 2, isCurrent: true },
      { file: "onnx/model_quantized.onnx", dtype: "q8", threads: 2, isCurrent: false },
      { file: expect.any(String), dtype: expect.any(String), threads: 1, isCurrent: false },
    ]);
    for (const one of measured) {
      expect(one.documents_per_second).toBeGreaterThan(0);
      expect(one.ready_ms).toBeGreaterThan(0);
      expect(one.memory_mb).toBeGreaterThan(1);
      // Both files hold the same weights.
      expect(one.score_difference).toBe(0);
    }
  }, 120_000);

  it("measures what is set even where there is no time for others", async () => {
    const measured = await measureSettings(model, { threads: 1, dtype: "q8" }, measuring({ milliseconds: 0 }));
    expect(measured).toMatchObject([{ file: "onnx/model_quantized.onnx", isCurrent: true }]);
  }, 120_000);

  it("ends with its signal, and says what is wrong with the settings", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(measureSettings(model, {}, measuring({ signal }))).rejects.toThrow("enough");
    await expect(measureSettings(model, { threads: 0 }, measuring())).rejects.toThrow("threads must be");
    await expect(measureSettings(model, { dtype: "q4" }, measuring())).rejects.toThrow("dtype q4");
  }, 120_000);
});
