import { isDheeraError } from "@dheera-ai/core";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { readCollection, type ReadCollectionOptions } from "./read-collection.ts";
import { folderOf } from "./testing/folder-of.ts";

type Files = Parameters<typeof folderOf>[0];

const corpus = '{"_id": "a", "title": "Cats", "text": "A cat purrs."}\n{"_id": "b", "text": "A dog barks."}\n';
const queries = '{"_id": "1", "text": "who purrs"}\n{"_id": "2", "text": "who barks"}\n';
const beir = {
  "corpus.jsonl": corpus,
  "queries.jsonl": queries,
  "qrels/test.tsv": "query-id\tcorpus-id\tscore\n1\ta\t2\n2\tb\t1\n",
};

/** What is refused, without the folder's name. */
async function refused(files: Files, options: ReadCollectionOptions = {}, path = ""): Promise<string> {
  const folder = await folderOf(files);
  const error: unknown = await readCollection(join(folder, path), options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDheeraError(error)) throw new Error("expected a DheeraError", { cause: error });
  expect(error.code).toBe("invalid_request");
  expect(error.cause).toBeUndefined();
  return error.message.replaceAll(folder, "");
}

async function read(files: Files, options: ReadCollectionOptions = {}, path = "") {
  const folder = await folderOf(files);
  const { documents, queries: judged, warnings } = await readCollection(join(folder, path), options);
  const shown = judged.map(({ id, text, grades, candidates }) => ({ id, text, grades: [...grades], candidates }));
  return { documents: [...documents], queries: shown, warnings };
}

describe("a folder in BEIR's layout", () => {
  test("is read with titles before texts and grades by query", async () => {
    expect(await read(beir)).toEqual({
      documents: [
        ["a", "Cats A cat purrs."],
        ["b", "A dog barks."],
      ],
      queries: [
        { id: "1", text: "who purrs", grades: [["a", 2]], candidates: undefined },
        { id: "2", text: "who barks", grades: [["b", 1]], candidates: undefined },
      ],
      warnings: [],
    });
  });

  test("is the same with a byte order mark, line ends of Windows, blank lines and packed files", async () => {
    const messy = (text: string): string => `\uFEFF\r\n${text.replaceAll("\n", "\r\n\r\n")}`;
    const files = {
      "corpus.jsonl.gz": gzipSync(messy(corpus)),
      "queries.jsonl": messy(queries).trimEnd(),
      "qrels/test.tsv.gz": gzipSync(messy(beir["qrels/test.tsv"])),
    };
    expect(await read(files)).toEqual(await read(beir));
  });

  test("has its judgements from the split that is asked for, from the only one, or from a file", async () => {
    const { "qrels/test.tsv": qrels, ...texts } = beir;
    const grades = async (files: Files, options: ReadCollectionOptions = {}) =>
      (await read({ ...texts, ...files }, options)).queries.map((query) => query.grades);
    expect(await grades({ "qrels/test.tsv": qrels, "qrels/dev.tsv": "1\tb\t1\n" }, { split: "dev" })).toEqual([
      [["b", 1]],
    ]);
    expect(await grades({ "qrels/train.tsv": "1\tb\t1\n" })).toEqual([[["b", 1]]]);
    const folder = await folderOf({ "mine.tsv": "2 0 a 1\n" });
    expect(await grades({}, { qrels: join(folder, "mine.tsv") })).toEqual([[["a", 1]]]);
  });

  test("is refused without the split, which names those that there are", async () => {
    const { "qrels/test.tsv": _, ...texts } = beir;
    expect(await refused({ ...texts, "qrels/dev.tsv": "", "qrels/train.tsv": "" })).toBe(
      "/qrels: there is no test.tsv in it; the splits are dev, train",
    );
    expect(await refused(beir, { split: "dev" })).toBe("/qrels: there is no dev.tsv in it; the splits are test");
  });

  test("is read with a warning for what is left out or cannot be found", async () => {
    const files = {
      "corpus.jsonl": `${corpus}${corpus}{"_id": "c", "text": " "}\n`,
      "queries.jsonl": `${queries}{"_id": "3", "text": "unjudged"}\n{"_id": "4", "text": "only judged as not relevant"}\n`,
      "qrels/test.tsv": "1\ta\t1\n1\tlost\t2\n2\tb\t-1\n4\ta\t0\nlost\ta\t1\n",
    };
    const { queries: judged, warnings } = await read(files);
    expect(judged.map(({ id }) => id)).toEqual(["1", "2", "4"]);
    expect(warnings).toEqual([
      "1 of the queries have no judgement and are left out",
      "1 of the queries that were judged have no text and are left out",
      "1 of the judgements name documents that the collection does not have; nothing can find those",
      "2 of the queries have no relevant document and count as 0 in every measure",
      "1 of the documents have no text",
      "2 of the documents are there twice and are taken once",
    ]);
  });

  test.each<[string, Files, string]>([
    ["no JSON", { "corpus.jsonl": `${corpus}a secret text\n` }, "/corpus.jsonl:3: the line is not valid JSON"],
    ["no object", { "corpus.jsonl": '["a secret text"]\n' }, "/corpus.jsonl:1: the line must hold one JSON object"],
    ["no id", { "corpus.jsonl": '{"text": "a secret text"}\n' }, '/corpus.jsonl:1: the object has no "_id"'],
    [
      "an id that is none",
      { "corpus.jsonl": '{"_id": [], "text": "a secret text"}\n' },
      '/corpus.jsonl:1: "_id" must be a text that is not empty, or a whole number',
    ],
    [
      "no text",
      { "queries.jsonl": '{"_id": "1", "secret": "a secret text"}\n' },
      '/queries.jsonl:1: the object has no "text"',
    ],
    [
      "a text that is none",
      { "corpus.jsonl": '{"_id": "a", "text": ["a secret text"]}\n' },
      '/corpus.jsonl:1: "text" must be a text',
    ],
    [
      "an id with two texts",
      { "corpus.jsonl": `${corpus}{"_id": "a", "text": "a secret text"}\n` },
      "/corpus.jsonl:3: the id stands for another text further above",
    ],
    [
      "a grade that is none",
      { "qrels/test.tsv": "1\ta\t0.5\n" },
      "/qrels/test.tsv:1: the grade, which is the last column, must be a whole number",
    ],
    [
      "two grades for a pair",
      { "qrels/test.tsv": "1\ta\t1\n1\ta\t2\n" },
      "/qrels/test.tsv:2: the query and the document have another grade further above",
    ],
    ["too few columns", { "qrels/test.tsv": "1\ta\n" }, "/qrels/test.tsv:1: the line has 2 columns, not 3"],
    [
      "an empty id",
      { "qrels/test.tsv": "1\t\t1\n" },
      "/qrels/test.tsv:1: the id of the query or of the document is empty",
    ],
    ["no documents", { "corpus.jsonl": "" }, ": the collection has no documents; its file is empty"],
    ["no queries", { "queries.jsonl": "\n" }, ": the collection has no queries; their file is empty"],
    [
      "no judgements",
      { "qrels/test.tsv": "query-id\tcorpus-id\tscore\n" },
      ": there are no judgements; their file is empty",
    ],
    [
      "queries of another collection",
      { "qrels/test.tsv": "9\ta\t1\n" },
      ": no judgement names a query of the collection; the ids of both must be the same",
    ],
    [
      "documents of another collection",
      { "qrels/test.tsv": "1\tz\t1\n" },
      ": no judgement names a document of the collection; the ids of both must be the same",
    ],
    [
      "bytes that are no UTF-8",
      { "corpus.jsonl": Buffer.from([0xff, 0x0a]) },
      "/corpus.jsonl: it is not UTF-8 text; save it as UTF-8",
    ],
  ])("is refused with %s, naming the file, the line and the field, and no text", async (_, files, problem) => {
    const message = await refused({ ...beir, ...files });
    expect(message).toContain(problem);
    expect(message).not.toMatch(/secret text/);
  });

  test("is refused where a packed file is cut short or is not packed", async () => {
    const { "corpus.jsonl": _, ...others } = beir;
    for (const bytes of [gzipSync(corpus).subarray(0, 40), Buffer.from(corpus)])
      expect(await refused({ ...others, "corpus.jsonl.gz": bytes })).toMatch(
        /^\/corpus\.jsonl\.gz: it cannot be unpacked: it is cut short or no gzip/,
      );
  });

  test("is refused where it is more than may be kept in memory, also when it was small in its packing", async () => {
    const { "corpus.jsonl": _, ...others } = beir;
    const packed = gzipSync(`{"_id": "a", "text": "${"long ".repeat(1_000_000)}"}\n`);
    expect(packed.length).toBeLessThan(50_000);
    expect(await refused({ ...others, "corpus.jsonl.gz": packed }, { mostBytes: 2_000_000 })).toMatch(
      /^\/corpus\.jsonl\.gz: the collection has more than 2 MB.*; measure on a part of it/,
    );
  });

  test("is refused where a line never ends", async () => {
    expect(await refused({ ...beir, "corpus.jsonl": `{"_id": "${"a".repeat(16_100_000)}` })).toBe(
      "/corpus.jsonl:1: the line has more than 16 million characters; cut its text",
    );
  });
});

describe("a folder of TREC's files", () => {
  const trec = {
    "qrels.txt": "1 0 a 2\n2 Q0 b 1\n",
    "topics.txt":
      "<top>\n<num> Number: 1\n<title> Topic: who\n purrs < a cat\n<desc> Description:\nno query\n</top>\n<top><num>2</num><title>who barks</title></top>\n",
    "documents.tsv": "a\tCats\tA cat purrs.\nb\tA dog barks.\n",
  };

  test("is read from files whose names say what they are", async () => {
    const { documents, queries: judged, warnings } = await read(trec);
    expect(documents).toEqual([
      ["a", "Cats A cat purrs."],
      ["b", "A dog barks."],
    ]);
    expect(judged).toEqual([
      { id: "1", text: "who purrs < a cat", grades: [["a", 2]], candidates: undefined },
      { id: "2", text: "who barks", grades: [["b", 1]], candidates: undefined },
    ]);
    expect(warnings).toEqual([]);
  });

  test("may have its texts as JSONL or a text a line, and its files anywhere", async () => {
    const elsewhere = await folderOf({
      "judged.txt": "1 0 a 1\n",
      "asked.tsv": "1\twho purrs\n",
      "texts.jsonl": corpus,
    });
    const named = {
      qrels: join(elsewhere, "judged.txt"),
      queries: join(elsewhere, "asked.tsv"),
      documents: join(elsewhere, "texts.jsonl"),
    };
    expect((await read({}, named)).queries).toEqual([{ id: "1", text: "who purrs", grades: [["a", 1]] }]);
  });

  test.each<[string, Files, string]>([
    [
      "without queries",
      { "qrels.txt": "1 0 a 1\n", "documents.tsv": "a\tb\n" },
      ": there is no file of queries (*queries* or *topics*) in it; name one with queries",
    ],
    [
      "with two files of judgements",
      { ...trec, "qrels-2.txt": "" },
      ": qrels-2.txt, qrels.txt could each be the file of judgements (*qrels*); name the right one with qrels",
    ],
    [
      "with a topic that does not end",
      { ...trec, "topics.txt": "<top>\n<num> 1\n<title> a\n" },
      "/topics.txt:1: the topic that begins here has no </top>",
    ],
    [
      "with a topic without an id",
      { ...trec, "topics.txt": "<top>\n<title> a\n</top>" },
      "/topics.txt:1: the topic that begins here has no <num>",
    ],
    [
      "with a topic without a title",
      { ...trec, "topics.txt": "<top>\n<num> 1\n</top>" },
      "/topics.txt:1: the topic that begins here has no <title>",
    ],
    [
      "with a line without an id",
      { ...trec, "documents.tsv": "a secret text\n" },
      "/documents.tsv:1: the line must have an id, a tab and a text",
    ],
  ])("is refused %s", async (_, files, problem) => {
    expect(await refused(files)).toContain(problem);
  });
});

describe("a run file", () => {
  const run = async (content: string): Promise<string> => join(await folderOf({ "run.trec": content }), "run.trec");

  test("brings the candidates of any collection in the order of their scores, whatever its ranks say", async () => {
    const file = await run("1 Q0 a 1 0.5 tag\n1 Q0 b 2 7e-1 tag\n1 Q0 c 3 0.5 tag\nother Q0 a 1 1 tag\n");
    const files = { ...beir, "corpus.jsonl": `${corpus}{"_id": "c", "text": "A bird sings."}\n` };
    expect((await read(files, { run: file })).queries.map(({ candidates }) => candidates)).toEqual([
      ["b", "c", "a"],
      [],
    ]);
  });

  test("may leave queries out, and says how many count as 0 and which documents nobody has", async () => {
    const { queries: judged, warnings } = await read(beir, {
      run: await run("1 Q0 a 1 3 tag\n1 Q0 ghost 2 2 tag\n1 Q0 phantom 3 1 tag\nother Q0 a 1 1 tag\n"),
    });
    expect(judged.map(({ candidates }) => candidates)).toEqual([["a"], []]);
    expect(warnings).toEqual(
      expect.arrayContaining([
        "1 of the queries have no candidates and count as 0, as trec_eval -c counts them",
        "2 of the candidates are not in the collection and are left out",
      ]),
    );
  });

  test("is refused where it belongs to other queries, or to other documents", async () => {
    expect(await refused(beir, { run: await run("other Q0 a 1 1 tag\n") })).toContain(
      ": the run has none of the queries that were judged; the ids of both must be the same",
    );
    expect(await refused(beir, { run: await run("1 Q0 ghost 1 1 tag\n") })).toContain(
      ": the run has no document of the collection; the ids of both must be the same",
    );
  });

  test.each([
    ["", ": the run is empty"],
    ["1 Q0 a 1\n", ":1: the line has 4 columns, not 6"],
    ["1 Q0 a 1 much tag\n", ":1: the score, which is the fifth column, must be a number"],
    ["1 Q0 a 1 1e999 tag\n", ":1: the score, which is the fifth column, must be a number"],
    ["1 Q0 a 1 1 tag\n1 Q0 a 2 1 tag\n", ":2: the query has the document further above"],
  ])("is refused as %j", async (content, problem) => {
    expect(await refused(beir, { run: await run(content) })).toContain(problem);
  });
});

describe("a file of judged queries", () => {
  const texts = (collection: Awaited<ReturnType<typeof read>>) => {
    const byId = new Map(collection.documents);
    return collection.queries.map(({ text, grades, candidates }) => ({
      text,
      grades: grades.map(([id, grade]) => [byId.get(id), grade]),
      candidates: candidates?.map((id) => byId.get(id)),
    }));
  };

  test.each([
    ["places", '"documents": ["x", "y", "z"], "relevant": [1]'],
    ["one place", '"documents": ["x", "y", "z"], "relevant": 1'],
    ["texts", '"documents": ["x", "y", "z"], "relevant": ["y"]'],
    ["ids", '"documents": [{"id": "a", "text": "x"}, {"id": "b", "text": "y"}, "z"], "relevant": ["b"]'],
    [
      "places of documents with ids",
      '"documents": [{"id": "a", "text": "x"}, {"id": "b", "text": "y"}, "z"], "relevant": [1]',
    ],
    ["ids that are numbers", '"documents": [{"id": 1, "text": "x"}, {"id": 0, "text": "y"}, "z"], "relevant": [0]'],
    ["objects", '"documents": ["x", "y", "z"], "relevant": [{"index": 1, "grade": 1}]'],
  ])("takes what is relevant by %s", async (_, fields) => {
    const collection = await read({ "judged.jsonl": `{"query": "q", ${fields}}\n` });
    expect(texts(collection)).toEqual([
      {
        text: "q",
        grades: [
          ["x", 0],
          ["y", 1],
          ["z", 0],
        ],
        candidates: ["x", "y", "z"],
      },
    ]);
  });

  test.each([
    ["places", '"documents": ["x", "y", "z"], "relevant": {"1": 2, "0": 0}'],
    ["ids", '"documents": [{"id": "a", "text": "x"}, {"id": "b", "text": "y"}, "z"], "relevant": {"b": 2, "a": false}'],
  ])("takes for judged only the documents whose grades are named by %s", async (_, fields) => {
    const collection = await read({ "judged.jsonl": `{"query": "q", ${fields}}\n` });
    expect(texts(collection)).toMatchObject([{ candidates: ["x", "y", "z"] }]);
    expect(new Map(texts(collection)[0]?.grades.map(([text, grade]) => [text, grade]))).toEqual(
      new Map([
        ["x", 0],
        ["y", 2],
      ]),
    );
  });

  test("takes the same text in several queries for one document, and ids do not depend on the order", async () => {
    const lines = [
      '{"query": "q", "documents": ["x", "y"], "relevant": [0]}',
      '{"query": {"id": "2", "text": "r"}, "documents": [{"text": "y"}, "z"], "relevant": [1]}',
    ];
    const forwards = await read({ "judged.jsonl": lines.join("\n") });
    const backwards = await read({ "judged.jsonl": lines.toReversed().join("\n") });
    expect(forwards.documents).toHaveLength(3);
    expect(forwards.queries.map(({ id }) => id)).toEqual([expect.stringMatching(/^q-[0-9a-f]{15}$/), "2"]);
    expect(backwards.queries.toReversed()).toEqual(forwards.queries);
  });

  test("may name relevant documents that search did not find, where documents have ids", async () => {
    const { queries: judged, warnings } = await read({
      "judged.jsonl": '{"query": "q", "documents": [{"id": "a", "text": "x"}], "relevant": {"a": 1, "b": 2}}\n',
    });
    expect(judged[0]?.grades).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^1 of the judgements name documents/)]);
  });

  test.each([
    ["no query", '{"documents": ["secret text"], "relevant": [0]}', 'the object has no "query"'],
    ["no documents", '{"query": "secret text", "relevant": [0]}', '"documents" must be a list'],
    [
      "a document without a text",
      '{"query": "q", "documents": [{"id": "secret text"}], "relevant": [0]}',
      '"documents[0]" has no "text"',
    ],
    [
      "a place beyond the list",
      '{"query": "q", "documents": ["secret text"], "relevant": [1]}',
      '"relevant[0]" names no document',
    ],
    [
      "a text that is no document",
      '{"query": "q", "documents": ["x"], "relevant": ["secret text"]}',
      '"relevant[0]" names no document',
    ],
    [
      "a grade that is none",
      '{"query": "q", "documents": ["x"], "relevant": {"0": "secret text"}}',
      '"relevant, entry 1" must have a whole number',
    ],
    [
      "an id with two texts",
      '{"query": "q", "documents": [{"id": 1, "text": "x"}, {"id": 1, "text": "secret text"}], "relevant": [1]}',
      "the id of a document stands for another one",
    ],
    ["an empty query", '{"query": " ", "documents": ["secret text"], "relevant": [0]}', "the query is empty"],
  ])("is refused with %s", async (_, line, problem) => {
    const message = await refused({ "judged.jsonl": `\n${line}\n` });
    expect(message).toContain(`/judged.jsonl:2: ${problem}`);
    expect(message).not.toContain("secret text");
  });

  const rows = [
    ["Question", "doc id", "Passage", "Relevance"],
    ["who\npurrs", "a", 'A "cat", purrs.', "2"],
    ["who\npurrs", "b", "A dog barks.", "no"],
    ["who\npurrs", "c", "", ""],
  ];
  const quoted = (delimiter: string): string =>
    rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(delimiter)).join("\r\n");

  test.each([",", ";", "\t"])("is read from rows with %j between their fields", async (delimiter) => {
    const { documents, queries: judged, warnings } = await read({ "judged.csv": `\uFEFF${quoted(delimiter)}` });
    expect(documents).toEqual([
      ["a", 'A "cat", purrs.'],
      ["b", "A dog barks."],
      ["c", ""],
    ]);
    expect(judged).toEqual([
      {
        id: expect.stringMatching(/^q-/),
        text: "who\npurrs",
        grades: [
          ["a", 2],
          ["b", 0],
        ],
        candidates: ["a", "b", "c"],
      },
    ]);
    expect(warnings).toEqual(["1 of the documents have no text"]);
  });

  test.each([
    [
      "no column of grades",
      "query,document\nq,secret text\n",
      ":1: no column is the grade; the first row must name one of them grade, relevant",
    ],
    ["no names", "secret text,x,1\n", ":1: no column is the query; the first row must name one of them query"],
    ["too many fields", "query,document,grade\nq,secret text,1,2\n", ":2: the row has another number of fields"],
    ["a quote that does not end", 'query,document,grade\nq,"secret text,1\n', "it is not valid CSV"],
    ["a grade that is none", "query,document,grade\nq,x,secret text\n", ":2: the grade must be a whole number"],
    ["no rows", "query,document,grade\n", "the collection has no documents"],
    ["nothing", "", "the collection has no documents"],
  ])("is refused with %s", async (_, content, problem) => {
    const message = await refused({ "judged.csv": content });
    expect(message).toContain(problem);
    expect(message).not.toContain("secret text");
  });

  test("is found by its own path, packed or not, and by a format where its name says nothing", async () => {
    const line = '{"query": "q", "documents": ["x"], "relevant": [0]}\n';
    const files = { "a.ndjson.gz": gzipSync(line), "b.csv": "query,document,grade\nq,x,1\n", other: line };
    const all = await Promise.all([
      read(files, {}, "a.ndjson.gz"),
      read(files, {}, "b.csv"),
      read(files, { format: "jsonl" }, "other"),
    ]);
    for (const collection of all) expect(collection).toEqual(all[0]);
    expect(await refused(files, {}, "other")).toBe(
      "/other: its name does not end in .jsonl, .csv or .tsv; say which format it has: jsonl or csv",
    );
    expect(await refused(files)).toContain("there are 2 of those, so name one");
    expect(await refused(files, { format: "beir" }, "other")).toContain("is a folder; name the folder");
  });
});

test("a path that leads nowhere is refused in words", async () => {
  expect(await refused({}, {}, "nowhere")).toBe("/nowhere: there is no such file or folder; check the path");
  const { "qrels/test.tsv": _, ...texts } = beir;
  expect(await refused(texts)).toBe("/qrels: there is no such file or folder; check the path");
  expect(await refused({})).toContain("it is no collection: there must be corpus.jsonl, queries.jsonl");
  expect(await refused(beir, { run: "/nowhere/run.trec" })).toBe(
    "/nowhere/run.trec: there is no such file or folder; check the path",
  );
  expect(await refused({ ...beir, "corpus.jsonl": "" }, { documents: "/" })).toBe(
    "/: it is a folder; name a file in it",
  );
});
