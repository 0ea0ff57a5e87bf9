import { expect, it } from "vitest";

import type { JudgedQuery } from "./judgements.ts";
import { type JudgementFormat, writeJudgements } from "./write-judgements.ts";

const queries: readonly JudgedQuery[] = [
  {
    query: "when?",
    candidates: [{ text: "at\tfour" }, { text: "on Sundays", grade: 2 }, { text: "a dog", grade: 0 }],
  },
  { query: "who?", candidates: [{ text: "a dog", grade: 1 }] },
];

it.each([
  [
    "jsonl",
    "judgements.jsonl",
    '{"query":"when?","documents":["at\\tfour","on Sundays","a dog"],"relevant":{"1":2,"2":0}}\n' +
      '{"query":"who?","documents":["a dog"],"relevant":{"0":1}}\n',
  ],
  [
    "corpus",
    "corpus.jsonl",
    '{"_id":"d1","text":"at\\tfour"}\n{"_id":"d2","text":"on Sundays"}\n{"_id":"d3","text":"a dog"}\n',
  ],
  ["queries", "queries.jsonl", '{"_id":"q1","text":"when?"}\n{"_id":"q2","text":"who?"}\n'],
  ["qrels", "test.tsv", "query-id\tcorpus-id\tscore\nq1\td2\t2\nq1\td3\t0\nq2\td3\t1\n"],
] as const satisfies readonly (readonly [JudgementFormat, string, string])[])(
  "writes judgements as %s, equal texts as one document",
  (format, name, text) => {
    expect(writeJudgements(queries, format)).toMatchObject({ name, text });
  },
);
