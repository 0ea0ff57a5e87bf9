import { expect, it } from "vitest";

import type { Batch } from "../booking/batch.ts";
import { logColumns } from "../booking/log-rows.ts";
import { fromLine, toLine } from "./batch-line.ts";

const log = logColumns.map((name) => (name === "at" || name === "status" ? 1 : name === "cost" ? null : name));
const batch: Batch = { id: "b", at: 1, answers: 1, charges: [], days: [], logs: [log] };

it("is read as it was written", () => {
  expect(fromLine(toLine(batch))).toEqual(batch);
});

it("is read where another release wrote it, which knows a column more or one fewer", () => {
  const lineOf = (row: readonly unknown[]): string => JSON.stringify({ ...batch, logs: [row], added: true });
  expect(fromLine(lineOf([...log, "of a newer release"]))).toEqual(batch);
  expect(fromLine(lineOf(log.slice(0, -1)))).toEqual({ ...batch, logs: [[...log.slice(0, -1), null]] });
});

it.each(["", "{", "null", "[]", toLine(batch).slice(0, -3), JSON.stringify({ ...batch, logs: [[{}]] })])(
  "is none: %s",
  (line) => {
    expect(fromLine(line)).toBeUndefined();
  },
);
