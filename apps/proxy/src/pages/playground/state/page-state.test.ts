import { expect, it } from "vitest";

import { readPageState } from "./page-state.ts";

const form = { query: "which?", documents: "one\ntwo", model: "bm25" };

it.each([
  [{ ...form, others: ["a", "b", "c"] }, ["a", "b", "c"]],
  // Links and files from when there was one model beside the first.
  [{ ...form, other: "a" }, ["a"]],
  [{ ...form, other: "" }, undefined],
  [form, undefined],
  // Somebody wrote it by hand.
  [{ ...form, others: ["a", "b", "c", "d"] }, ["a", "b", "c"]],
])("reads %j: beside the first are %j", (written, others) => {
  expect(readPageState(written)).toEqual({ ...form, ...(others && { others }) });
});

it.each([[{ query: 1 }], [{ ...form, others: "a" }], [null]])("takes %j for no state", (value) => {
  expect(readPageState(value)).toBeUndefined();
});
