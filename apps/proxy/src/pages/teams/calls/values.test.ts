import * as v from "valibot";
import { expect, it } from "vitest";

import { sum, text, texts, truth } from "./values.ts";

const object = v.object({ name: text, spend: sum, blocked: truth, models: texts });
const nothing = { name: undefined, spend: 0, blocked: false, models: [] };

it.each([
  ["left out", {}],
  ["null", { name: null, spend: null, blocked: null, models: null }],
])("reads what is %s as nothing", (_, given) => {
  expect({ ...nothing, ...v.parse(object, given) }).toEqual(nothing);
  expect(v.parse(object, given).models).toEqual([]);
});
