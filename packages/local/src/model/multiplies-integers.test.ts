import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { multipliesIntegers } from "./multiplies-integers.ts";

const shared = fileURLToPath(new URL("../../../../../shared/", import.meta.url));
const quantized = join(shared, "models/all-minilm-l6-v2/onnx/model_qint8.onnx");
const models = fileURLToPath(new URL("../fixtures/models/", import.meta.url));

it.each([
  ["an operator that does", "\u0022\u000dMatMulInteger", true],
  ["an operator behind much else", `${"x".repeat(2_000_000)}\u0022\u000bMatMulNBits`, true],
  ["a node that is only called like one", "\u001a\u000dMatMulInteger", false],
  ["an operator of which that is a part", "\u0022\u000eMatMulIntegerX", false],
  ["others", "\u0022\u0006MatMul\u0022\u0010DequantizeLinear", false],
  ["nothing", "", false],
])("is told of a file with %s", async (_, content, integers) => {
  await using folder = await createFolder({ "model.onnx": content });
  expect(await multipliesIntegers(join(folder.path, "model.onnx"))).toBe(integers);
});

it("is told of real models", async () => {
  expect(await multipliesIntegers(join(models, "cross-encoder/onnx/model.onnx"))).toBe(false);
});

it.skipIf(!existsSync(quantized))("is told of a real model that is quantized, where ../shared has it", async () => {
  expect(await multipliesIntegers(quantized)).toBe(true);
});

it("fails where there is no such file", async () => {
  await using folder = await createFolder();
  await expect(multipliesIntegers(join(folder.path, "model.onnx"))).rejects.toMatchObject({ code: "ENOENT" });
  await writeFile(join(folder.path, "model.onnx"), "");
  expect(await multipliesIntegers(join(folder.path, "model.onnx"))).toBe(false);
});
