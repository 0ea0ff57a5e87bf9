import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { readCollection } from "@dheera-ai/eval";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Outcome } from "../testing/processes.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { programFor } from "./open-browser.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dheera-eval-init-"));
});
afterEach(() => rm(folder, { recursive: true }));

const handbook = [
  { _id: "pool", title: "Pool", text: "The pool on the roof opens at six." },
  { _id: "breakfast", text: "Breakfast is served until ten." },
  { _id: "bus", text: "The airport bus leaves at six, and again at ten." },
  { _id: "pets", text: "Dogs sleep in the garden house." },
];

describe("dheera_ai eval init", () => {
  it("writes a collection from documents and queries, and lets them be judged on a page", async () => {
    const documents = await write("handbook.jsonl", lines(handbook));
    const queries = await write("questions.txt", "When does the pool open?\nbreakfast at ten\nzebra\n");
    const mine = join(folder, "mine");
    await using judging = await start([
      mine,
      "--documents",
      documents,
      "--queries",
      queries,
      "--models",
      "bm25/default",
    ]);
    const state = await judging.get("state");
    expect(state).toMatchObject({
      nextCommand: `dheera_ai eval ${mine} --models bm25/default --html report.html`,
      queries: [
        { id: "q1", text: "When does the pool open?" },
        { id: "q2", text: "breakfast at ten" },
      ],
    });
    expect(documentsOf(state, 0)).toContain("pool");
    expect(documentsOf(state, 1)).toEqual(expect.arrayContaining(["breakfast", "bus"]));
    expect(documentsOf(state, 1)).not.toContain("pets");
    await judging.judge("q1", "pool", 2);
    const { code, stdout, stderr } = await judging.finish();
    expect(code).toBe(0);
    expect(stderr).toContain("warning: 1 of the queries are left out: no document has a word of theirs");
    expect(stdout).toContain(`1 of ${documentsOf(state, 0).length + documentsOf(state, 1).length} documents judged`);
    expect(stdout).toContain(`To go on: dheera_ai eval init ${mine}`);
    expect(stdout).toContain(`Next: dheera_ai eval ${mine} --models bm25/default --html report.html`);
    const collection = await readCollection(mine);
    expect(collection.documents.size).toBe(4);
    expect(collection.queries.find(({ id }) => id === "q1")?.grades).toEqual(new Map([["pool", 2]]));
  });

  it("goes on where it ended, without ranking anything again", async () => {
    const documents = await write("handbook.jsonl", lines(handbook));
    const queries = await write("questions.csv", "_id,query\nmorning,six\n");
    const args = [join(folder, "mine"), "--documents", documents, "--queries", queries];
    {
      await using judging = await start(args);
      await judging.judge("morning", "bus", 1);
      await judging.stop();
    }
    await rm(documents);
    await using judging = await start(args);
    const { stderr, stdout } = await judging.stop();
    expect(stderr).toContain("judging goes on there; --documents and --queries are not read again");
    expect(stdout).toContain("1 query, 2 documents to judge, 1 left");
    expect(await readFile(join(folder, "mine", "qrels", "test.tsv"), "utf8")).toContain("morning\tbus\t1");
  });

  it("takes logged requests, each with its own documents; a query that was asked twice is one", async () => {
    const queries = await write(
      "log.jsonl",
      lines([
        { model: "bge", query: "pool", documents: ["The pool is on the roof.", { text: "Breakfast is at ten." }] },
        { model: "bge", query: "pool ", documents: ["The pool is on the roof.", { name: "Bar", floor: 2 }] },
        { model: "bge", query: "bar", documents: [{ name: "Bar", floor: 2 }] },
      ]),
    );
    await using judging = await start([join(folder, "mine"), "--queries", queries]);
    const state = await judging.get("state");
    expect(documentsOf(state, 0).toSorted()).toEqual(["d1", "d2", "d3"]);
    expect(documentsOf(state, 1)).toEqual(["d3"]);
    expect(await judging.get("document?id=d3")).toEqual({ title: "", text: "name: Bar\nfloor: 2" });
    await judging.stop();
  });

  it("reads a folder of texts, a document a file, and says what it left out", async () => {
    await write("texts/rooms/pool.txt", "The pool\nis on the roof.");
    await write("texts/breakfast.md", "# Breakfast at the pool");
    await write("texts/photo.png", "no text");
    await write("texts/.hidden.txt", "pool");
    const queries = await write("questions.txt", "pool");
    await using judging = await start([
      join(folder, "mine"),
      "--documents",
      join(folder, "texts"),
      "--queries",
      queries,
    ]);
    const state = await judging.get("state");
    expect(documentsOf(state, 0).toSorted()).toEqual(["breakfast.md", "rooms/pool.txt"]);
    expect((await judging.stop()).stderr).toContain("1 file of other kinds were not read");
  });

  it("ranks nothing where the port is taken", async () => {
    const documents = await write("handbook.jsonl", lines(handbook));
    const queries = await write("questions.txt", "pool");
    const mine = join(folder, "mine");
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const options = [mine, "--documents", documents, "--queries", queries, "--port", String(port)];
    const { code, stderr } = await runInProcess(["eval", "init", ...options], { environment: environment() }).finally(
      () => other.close(),
    );
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(`port ${port} is taken by another program; name another one with --port`);
    expect(existsSync(mine)).toBe(false);
  });

  it.each([
    ["no folder", [], {}, "eval init wants one folder"],
    ["no queries", ["mine"], {}, "--queries is missing"],
    ["queries without documents", ["mine", "--queries", "q.txt"], { "q.txt": "pool" }, "--documents is missing"],
    ["a file that is not there", ["mine", "--queries", "q.txt"], {}, "--queries q.txt cannot be read"],
    [
      "an id with two texts",
      ["mine", "--documents", "d.jsonl", "--queries", "q.txt"],
      { "d.jsonl": '{"_id":"a","text":"secret one"}\n{"_id":"a","text":"secret two"}', "q.txt": "pool" },
      "d.jsonl: document 2 has the id of another document",
    ],
    [
      "an id that qrels cannot hold",
      ["mine", "--documents", "d.jsonl", "--queries", "q.txt"],
      { "d.jsonl": '{"_id":"a b","text":"secret"}', "q.txt": "pool" },
      "d.jsonl: document 1 has an id that is no text or has spaces",
    ],
    [
      "a query without a text",
      ["mine", "--documents", "d.txt", "--queries", "q.jsonl"],
      { "d.txt": "pool", "q.jsonl": '{"question":"secret"}' },
      'q.jsonl: query 1 has no text: a line, or a field "query" or "text"',
    ],
    [
      "nothing to judge",
      ["mine", "--documents", "d.txt", "--queries", "q.txt"],
      { "d.txt": "pool", "q.txt": "zebra" },
      "there is nothing to judge",
    ],
    [
      "a collection that it did not write",
      ["mine", "--documents", "d.txt", "--queries", "q.txt"],
      { "d.txt": "pool", "q.txt": "pool", "mine/corpus.jsonl": "{}" },
      "it has a collection already",
    ],
    [
      "a model that nobody knows",
      ["mine", "--documents", "d.txt", "--queries", "q.txt", "--models", "nobody/knows"],
      { "d.txt": "pool", "q.txt": "pool" },
      "the model nobody/knows cannot rerank here: there is no provider nobody",
    ],
  ])("refuses %s", async (_, args, files, complaint) => {
    for (const [name, content] of Object.entries(files)) await write(name, content ?? "");
    const inFolder = args.map((arg) => (/^(mine$|[a-z]+\.)/.test(arg) ? join(folder, arg) : arg));
    const { code, stderr } = await runInProcess(["eval", "init", ...inFolder], { environment: environment() });
    expect(code).toBeGreaterThan(0);
    expect(stderr.replaceAll(`${folder}/`, "")).toContain(complaint);
    expect(stderr).not.toContain("secret");
  });

  it("opens a browser only where somebody sees it", () => {
    expect(programFor("linux", {})).toBeUndefined();
    expect(programFor("linux", { DISPLAY: ":0" })).toEqual(["xdg-open"]);
    expect(programFor("linux", { DISPLAY: ":10", SSH_CONNECTION: "there" })).toBeUndefined();
    expect(programFor("darwin", {})).toEqual(["open"]);
    expect(programFor("win32", {})).toEqual(["rundll32", "url.dll,FileProtocolHandler"]);
  });
});

/** Of a user with a cache of its own. */
function environment(): { readonly XDG_CACHE_HOME: string } {
  return { XDG_CACHE_HOME: join(folder, "cache") };
}

interface Judging extends AsyncDisposable {
  get(path: string): Promise<unknown>;
  judge(query: string, document: string, verdict: number): Promise<void>;
  /** Presses the button of the page. */
  finish(): Promise<Outcome>;
  /** Presses ctrl-c. */
  stop(): Promise<Outcome>;
}

/** Runs the command until its page answers. */
async function start(args: readonly string[]): Promise<Judging> {
  const stop = new AbortController();
  const { promise: printed, resolve: print } = Promise.withResolvers<string>();
  const outcome = runInProcess(["eval", "init", ...args], {
    stop: stop.signal,
    onPrint: print,
    environment: environment(),
  });
  const ended = outcome.then(({ stderr }) => Promise.reject(new Error(stderr)));
  ended.catch(() => {});
  const url = /http:\S+/.exec(await Promise.race([printed, ended]))?.[0];
  if (url === undefined) throw new Error("the command printed no address");
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { origin: new URL(url).origin, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const end = (): Promise<Outcome> => {
    stop.abort();
    return outcome;
  };
  return {
    get: async (path) => (await fetch(`${url}${path}`)).json(),
    async judge(query, document, verdict) {
      const answer = await post("judgement", { query, document, verdict, seen: null, since: 0 });
      expect(answer.status).toBe(200);
    },
    async finish() {
      await post("finish", {});
      return outcome;
    },
    stop: end,
    [Symbol.asyncDispose]: async () => void (await end()),
  };
}

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

function lines(records: readonly object[]): string {
  return records.map((record) => JSON.stringify(record)).join("\n");
}

/** Ids of the documents of one query, in the order in which they are judged. */
function documentsOf(state: unknown, position: number): readonly string[] {
  const text = JSON.stringify(state);
  const queries: { readonly queries: readonly { readonly documents: readonly { readonly id: string }[] }[] } =
    JSON.parse(text);
  return queries.queries[position]?.documents.map(({ id }) => id) ?? [];
}
