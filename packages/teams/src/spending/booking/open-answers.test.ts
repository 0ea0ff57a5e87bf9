import fc from "fast-check";
import { expect, it } from "vitest";

import { makeAnswer } from "../testing/answers.ts";
import { closeBatch } from "./batch.ts";
import { logColumns } from "./log-rows.ts";
import { OpenAnswers } from "./open-answers.ts";

const text = fc.string({ maxLength: 12 });
const textOrNull = fc.option(text);
const money = fc.option(fc.nat());
const answers = fc.array(
  fc
    .record({
      request_id: text,
      call_id: text,
      key_hash: fc.constantFrom("k", "l"),
      team_id: textOrNull,
      tags: fc.array(text, { maxLength: 2 }),
      at: fc.nat({ max: 4e12 }),
      model: text,
      deployment: textOrNull,
      provider: textOrNull,
      status: fc.constantFrom(200, 400, 503),
      cost: money,
      saved_cost: money,
      documents: fc.nat(),
      tokens: fc.nat(),
      cache_hits: fc.nat(),
      milliseconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    })
    .map((given) => makeAnswer({ ...given, owners: [] })),
  { maxLength: 80 },
);

it("gives back what was added, in its order", () => {
  fc.assert(
    fc.property(answers, (all) => {
      const open = new OpenAnswers(80);
      for (const [cost, answered] of all.entries()) open.add({ answered, accounts: [], cost });
      expect([...open]).toEqual(
        all.map(({ request_id: requestId, ...answered }, cost) => ({ answered, accounts: [], cost, requestId })),
      );
      expect([open.length, open.isFull]).toEqual([all.length, all.length === 80]);
    }),
  );
});

it("gives each answer an id of its own, in their order, where it has none", () => {
  const open = new OpenAnswers(300);
  for (let answer = 0; answer < 300; answer++) {
    const { request_id: _, ...answered } = makeAnswer({ owners: [] });
    open.add({ answered, accounts: [], cost: 0 });
  }
  const ids = [...open].map(({ requestId }) => requestId);
  expect(new Set(ids).size).toBe(300);
  expect(ids).toEqual(ids.toSorted());
  expect([...open].map(({ requestId }) => requestId)).toEqual(ids);
});

it("makes rows each time they are read, and a list of them as JSON", () => {
  const open = new OpenAnswers(2);
  for (const call_id of ["one", "two"])
    open.add({ answered: makeAnswer({ owners: [], call_id }), accounts: [], cost: 0 });
  const { logs } = closeBatch(open, 1, true).batch;
  expect(logs.length).toBe(2);
  const rows = [...logs];
  expect(rows.map((row) => row[logColumns.indexOf("call_id")])).toEqual(["one", "two"]);
  expect([...logs]).toEqual(rows);
  expect(JSON.parse(JSON.stringify(logs))).toEqual(rows);
});
