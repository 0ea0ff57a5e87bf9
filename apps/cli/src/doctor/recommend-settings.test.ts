import type { MeasuredSettings } from "@dheera-ai/local/tuning";
import { expect, it } from "vitest";

import { recommendSettings } from "./recommend-settings.ts";

const now: MeasuredSettings = {
  file: "onnx/model.onnx",
  dtype: "fp32",
  threads: 4,
  isCurrent: true,
  ready_ms: 200,
  memory_mb: 250,
  documents_per_second: 50,
  score_difference: 0,
};
const small: MeasuredSettings = {
  ...now,
  file: "onnx/model_qint8.onnx",
  dtype: "int8",
  isCurrent: false,
  memory_mb: 170,
  documents_per_second: 110,
  score_difference: 0.0091,
};

it("recommends faster weights with what they cost, and the fewest threads that are as fast", () => {
  expect(recommendSettings([now, small, { ...small, threads: 2, documents_per_second: 108 }])).toEqual([
    "dtype: int8, without file (onnx/model_qint8.onnx makes 110 documents a second in 170 MB, fp32 50 in 250 MB; it gives scores that differ by 0.009 on average)",
    "threads: 2 (108 documents a second; 4 threads make 110)",
  ]);
});

it("recommends nothing where what is set is as fast as anything else", () => {
  expect(
    recommendSettings([
      now,
      { ...small, documents_per_second: 52 },
      { ...now, isCurrent: false, threads: 2, documents_per_second: 30 },
    ]),
  ).toEqual([]);
  expect(recommendSettings([])).toEqual([]);
});

it("says of weights with the same scores that they are the same", () => {
  expect(recommendSettings([now, { ...small, score_difference: 0 }])).toEqual([
    expect.stringContaining("it gives the same scores"),
  ]);
});
