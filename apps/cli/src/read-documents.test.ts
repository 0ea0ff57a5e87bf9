import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readDocuments } from "./read-documents.ts";
import { UsageError } from "./errors.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dheera-documents-"));
});

afterAll(() => rm(folder, { recursive: true }));

const terminal = { interactive: true, read: () => Promise.reject(new Error("nobody types documents")) };

function piped(content: string) {
  return readDocuments({
    operands: [],
    input: { interactive: false, read: () => Promise.resolve(Buffer.from(content)) },
  });
}

async function fromFile(name: string, content: string | Buffer) {
  const file = join(folder, name);
  await writeFile(file, content);
  return readDocuments({ operands: [], file, input: terminal });
}

describe("readDocuments", () => {
  it("prefers the documents of the command line", async () => {
    expect(await readDocuments({ operands: ["a", "b"], input: terminal })).toEqual(["a", "b"]);
  });

  it("refuses documents from two sources", async () => {
    await expect(readDocuments({ operands: ["a"], file: "x.txt", input: terminal })).rejects.toThrow(UsageError);
  });

  it("reads one text a line, whatever the line ends", async () => {
    expect(await fromFile("plain.txt", "\uFEFFone\r\n\r\n  two\nthree")).toEqual(["one", "  two", "three"]);
  });

  it("reads a JSON list of texts and objects", async () => {
    expect(await fromFile("list.json", '["one", { "text": "two" }]')).toEqual(["one", { text: "two" }]);
  });

  it("reads one JSON value a line", async () => {
    expect(await fromFile("lines.jsonl", '"one"\n\n{"title":"two"}\n')).toEqual(["one", { title: "two" }]);
  });

  it("names the line or position at fault, and never quotes it", async () => {
    await expect(fromFile("bad.jsonl", '"one"\n\n{secret')).rejects.toThrow(/bad\.jsonl:3 is not valid JSON$/);
    await expect(fromFile("number.json", '["one", 2]')).rejects.toThrow(
      /number\.json: document 1 is neither a text nor an object$/,
    );
    await expect(fromFile("nested.json", '["one", ["two"]]')).rejects.toThrow(
      /document 1 is neither a text nor an object$/,
    );
    await expect(fromFile("object.json", '{"a":1}')).rejects.toThrow(/must hold a list of documents/);
  });

  it("reads a table, a record a row under the names of the first row", async () => {
    expect(await fromFile("table.csv", 'title,text\r\n"Tides, twice","The ""sea"" rises"\r\nMoon,far\r\n')).toEqual([
      { title: "Tides, twice", text: 'The "sea" rises' },
      { title: "Moon", text: "far" },
    ]);
    expect(await fromFile("table.tsv", "title\ttext\nMoon\tfar, far\n")).toEqual([{ title: "Moon", text: "far, far" }]);
  });

  it("reads a table of one column as texts", async () => {
    expect(await fromFile("column.csv", 'text\none\n"two\nlines"\n')).toEqual(["one", "two\nlines"]);
  });

  it("names the row at fault of a table, and never quotes it", async () => {
    await expect(fromFile("short.csv", "a,b\nsecret\n")).rejects.toThrow(
      /short\.csv:2 has another number of fields than the first row, which names them$/,
    );
    const open = fromFile("open.csv", 'a,b\n"secret,1\n');
    await expect(open).rejects.toThrow(/open\.csv:\d+ is not valid CSV/);
    await expect(open).rejects.not.toThrow(/secret/);
  });

  it("reads UTF-16 as PowerShell writes it", async () => {
    const content = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("one\r\nZürich\r\n", "utf16le")]);
    expect(await fromFile("powershell.txt", content)).toEqual(["one", "Zürich"]);
  });

  it("says that a folder is one", async () => {
    const read = readDocuments({ operands: [], file: folder, input: terminal });
    await expect(read).rejects.toThrow(new UsageError(`--file ${folder} cannot be read: it is a folder`));
  });

  it("says which file is missing", async () => {
    const missing = readDocuments({ operands: [], file: join(folder, "absent.txt"), input: terminal });
    await expect(missing).rejects.toThrow(/absent\.txt cannot be read: there is no such file or folder$/);
  });

  it("recognises JSON that is piped in, and takes everything else as lines", async () => {
    expect(await piped('[{"text":"one"}]')).toEqual([{ text: "one" }]);
    expect(await piped('{"text":"one"}\n{"text":"two"}\n')).toEqual([{ text: "one" }, { text: "two" }]);
    expect(await piped("[1] a footnote\nplain")).toEqual(["[1] a footnote", "plain"]);
    expect(await piped("{ a brace\nplain")).toEqual(["{ a brace", "plain"]);
  });

  it("reads standard input when the file is a dash", async () => {
    const input = { interactive: false, read: () => Promise.resolve(Buffer.from("one\n")) };
    expect(await readDocuments({ operands: [], file: "-", input })).toEqual(["one"]);
  });

  it("refuses empty input, and a terminal as the source of documents", async () => {
    await expect(piped(" \n")).rejects.toThrow(/there are no documents/);
    await expect(readDocuments({ operands: [], input: terminal })).rejects.toThrow(/through a pipe/);
  });
});
