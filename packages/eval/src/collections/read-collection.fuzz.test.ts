import { isDheeraError } from "@dheera-ai/core";
import * as fc from "fast-check";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { readCollection, type ReadCollectionOptions } from "./read-collection.ts";
import { folderOf } from "./testing/folder-of.ts";

const secret = "s3cret";

/** Parts of files as they are, so that most of what is made of them is read far before it is refused. */
const pieces = fc.constantFrom(
  "\n",
  "\r\n",
  "\t",
  " ",
  ",",
  ";",
  '"',
  '""',
  "{",
  "}",
  "[",
  "]",
  ":",
  "<top>",
  "</top>",
  "<num>",
  "<title>",
  "<",
  "\uFEFF",
  "\0",
  "0",
  "1",
  "-1",
  "1e9",
  "null",
  "true",
  "a",
  "b",
  "query",
  "document",
  "grade",
  "__proto__",
  "constructor",
  "toString",
  secret,
  '"_id"',
  '"text"',
  '"query"',
  '"documents"',
  '"relevant"',
  '{"_id": "a", "text": "x"}\n',
  '{"_id": "1", "text": "y"}\n',
  '{"_id": "__proto__", "text": "s3cret"}\n',
  '{"query": "q", "documents": ["x", "s3cret"], "relevant": [0]}\n',
  '{"query": "q", "documents": [{"id": "a", "text": "x"}], "relevant": {"a": 1}}\n',
  '"relevant": {"__proto__": 1}',
  "query,document,grade\n",
  "q,x,1\n",
  '"q","s3cret\n',
  "1\ta\t1\n",
  "1 0 a 1\n",
  "1 Q0 a 1 0.5 t\n",
  "query-id\tcorpus-id\tscore\n",
  "<top>\n<num> 1\n<title> s3cret\n</top>\n",
);
const good: Readonly<Record<string, string>> = {
  "corpus.jsonl": '{"_id": "a", "title": "s3cret", "text": "x"}\n{"_id": "b", "text": "s3cret"}\n',
  "queries.jsonl": '{"_id": "1", "text": "y"}\n{"_id": "2", "text": "s3cret"}\n',
  "topics.txt": "<top>\n<num> 1\n<title> s3cret\n</top>\n",
  "qrels.tsv": "query-id\tcorpus-id\tscore\n1\ta\t1\n1\tb\t0\n",
  "run.trec": "1 Q0 a 1 0.5 t\n1 Q0 b 2 0.25 t\n",
  "judged.jsonl":
    '{"query": "q", "documents": ["x", "s3cret"], "relevant": [0]}\n{"query": "r", "documents": [{"id": "a", "text": "z"}], "relevant": {"a": 1}}\n',
  "judged.csv": 'query,document,grade\nq,x,1\n"q","s3cret, y",no\n',
};

/** A good file with some pieces put into it, in place of what stood there; or anything. */
const file = fc.constantFrom(...Object.keys(good)).chain((name) => {
  const change = fc.tuple(fc.nat(200), fc.nat(4), pieces);
  const changed = fc.array(change, { maxLength: 3 }).map((changes) =>
    Buffer.from(
      changes.reduce((text, [place, length, piece]) => {
        const at = place % text.length;
        return text.slice(0, at) + piece + text.slice(at + length);
      }, good[name] ?? ""),
    ),
  );
  const assembled = fc.array(pieces, { maxLength: 20 }).map((parts) => Buffer.from(parts.join("")));
  const bytes = fc.uint8Array({ maxLength: 100 }).map((values) => Buffer.from(values));
  return fc.record({
    name: fc.constant(name),
    content: fc.oneof(
      { weight: 5, arbitrary: changed },
      { weight: 2, arbitrary: assembled },
      { weight: 1, arbitrary: bytes },
    ),
  });
});

test("whatever is in a file, a collection is read or refused, and no message has a text", async () => {
  const folder = await folderOf(good);
  const at = (name: string): string => join(folder, name);
  const outcomes = { read: 0, refused: 0 };
  const readOrRefuse = async (path: string, options: ReadCollectionOptions): Promise<void> => {
    try {
      const { documents, queries } = await readCollection(path, options);
      expect(documents.size).toBeGreaterThan(0);
      expect(queries.length).toBeGreaterThan(0);
      for (const { grades } of queries) expect([...grades.values()].every(Number.isSafeInteger)).toBe(true);
      outcomes.read++;
    } catch (error) {
      if (!isDheeraError(error)) throw error;
      expect(error.code).toBe("invalid_request");
      expect(error.message).not.toContain(secret);
      outcomes.refused++;
    }
  };
  await fc.assert(
    fc.asyncProperty(file, fc.constantFrom("", ".gz", "gz of something else"), async ({ name, content }, packing) => {
      const used = packing === "" ? `changed-${name}` : `changed-${name}.gz`;
      await writeFile(at(used), packing === ".gz" ? gzipSync(content) : content);
      if (name.startsWith("judged")) return readOrRefuse(at(used), {});
      return readOrRefuse(folder, {
        format: "trec",
        documents: at(name === "corpus.jsonl" ? used : "corpus.jsonl"),
        queries: at(name === "queries.jsonl" || name === "topics.txt" ? used : "queries.jsonl"),
        qrels: at(name === "qrels.tsv" ? used : "qrels.tsv"),
        run: at(name === "run.trec" ? used : "run.trec"),
      });
    }),
    { numRuns: 1_000, seed: 20_260_101 },
  );
  // Neither is rare, or the pieces say too little.
  expect(outcomes.read).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(300);
});
