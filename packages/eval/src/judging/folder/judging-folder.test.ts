import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { readCollection } from "../../collections/read-collection.ts";
import type { Judgement } from "../judgements.ts";
import { createJudgingFolder, isJudgingFolder, type NewCollection, openJudgingFolder } from "./judging-folder.ts";

const collection: NewCollection = {
  documents: [
    { id: "d1", title: "Pool", text: "It opens at six." },
    { id: "d2", text: "Breakfast\nis until ten.\u2028" },
    { id: "d3", text: "" },
    { id: "d4", text: "Nobody asked for this." },
  ],
  queries: [
    { id: "q1", text: "When does the pool open?", documents: ["d2", "d1"] },
    { id: "q2", text: "breakfast", documents: ["d3", "d2"] },
  ],
};
let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "dheera-judging-")), "mine");
});
afterEach(() => rm(join(folder, ".."), { recursive: true }));

describe("a folder that is judged", () => {
  it("is a collection in BEIR's form, which the commands that measure can read", async () => {
    expect(isJudgingFolder(folder)).toBe(false);
    await createJudgingFolder(folder, collection);
    expect(isJudgingFolder(folder)).toBe(true);
    await using opened = await openJudgingFolder(folder);
    await opened.judge({ query: "q1", document: "d1", verdict: 2 });
    await opened.judge({ query: "q1", document: "d2", verdict: 0 });
    await opened.judge({ query: "q2", document: "d3", verdict: "skipped" });
    await opened.judge({ query: "q2", document: "d2", verdict: 1 });
    const read = await readCollection(folder);
    expect(read.documents.size).toBe(4);
    expect(read.queries.map(({ id, grades }) => [id, [...grades]])).toEqual([
      [
        "q1",
        expect.arrayContaining([
          ["d1", 2],
          ["d2", 0],
        ]),
      ],
      ["q2", [["d2", 1]]],
    ]);
  });

  it("goes on where it ended, after any judgements and a crash in the middle of a line", async () => {
    await createJudgingFolder(folder, collection);
    const verdict = fc.constantFrom(0 as const, 1 as const, 2 as const, "skipped" as const);
    const judgement: fc.Arbitrary<Judgement> = fc
      .tuple(
        fc.constantFrom(
          { query: "q1", document: "d1" },
          { query: "q1", document: "d2" },
          { query: "q2", document: "d3" },
        ),
        verdict,
      )
      .map(([pair, said]) => Object.assign({ verdict: said }, pair));
    await fc.assert(
      fc.asyncProperty(
        fc.array(judgement, { maxLength: 6 }),
        fc.constantFrom("", '{"query":"q', "\u00e4"),
        async (made, torn) => {
          let before;
          {
            await using opened = await openJudgingFolder(folder);
            // At one time: as two tabs do.
            await Promise.all(made.map((one) => opened.judge(one)));
            before = opened.judgements;
          }
          const qrels = await readFile(join(folder, "qrels", "test.tsv"), "utf8");
          await appendFile(join(folder, "judging", "judgements.jsonl"), torn);
          await rm(join(folder, "qrels", "test.tsv"));
          await using again = await openJudgingFolder(folder);
          expect(again.judgements).toEqual(before);
          expect(await readFile(join(folder, "qrels", "test.tsv"), "utf8")).toBe(qrels);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("is judged by one process at a time, and by another when that has ended", async () => {
    await createJudgingFolder(folder, collection);
    {
      await using first = await openJudgingFolder(folder);
      await expect(openJudgingFolder(folder)).rejects.toThrow(`judged already, by the process ${process.pid}`);
      await first.judge({ query: "q1", document: "d1", verdict: 1 });
    }
    // The init process of a machine always runs.
    await writeFile(join(folder, "judging", "lock"), "1\n");
    await expect(openJudgingFolder(folder)).rejects.toThrow("judged already, by the process 1");
    // Larger than any system gives.
    await writeFile(join(folder, "judging", "lock"), "99999999\n");
    await using after = await openJudgingFolder(folder);
    expect(after.history).toEqual([{ query: "q1", document: "d1", verdict: 1 }]);
  });

  it("is judged by another where the number of a process that has ended went to an unrelated one", async () => {
    await createJudgingFolder(folder, collection);
    const lock = join(folder, "judging", "lock");
    // A process that runs, as anybody else's does: this one's parent.
    await writeFile(lock, `${process.ppid}\n`);
    await expect(openJudgingFolder(folder)).rejects.toThrow(
      `if that is another program, nobody is at work there any more: remove ${lock}`,
    );
    if (!existsSync("/proc/self/stat")) return;
    await writeFile(lock, `${process.ppid} 1\n`);
    await (await openJudgingFolder(folder))[Symbol.asyncDispose]();
    expect(existsSync(lock)).toBe(false);
  });

  it("takes no lock that another process is just writing", async () => {
    await createJudgingFolder(folder, collection);
    const lock = join(folder, "judging", "lock");
    await writeFile(lock, "");
    await expect(openJudgingFolder(folder)).rejects.toThrow(`remove ${lock}`);
  });

  // Elsewhere the system does not tell when a process began, so that one process cannot play several.
  it.runIf(existsSync("/proc/self/stat"))("is judged by one of many that find an old lock at one time", async () => {
    await createJudgingFolder(folder, collection);
    const state = join(folder, "judging");
    const starters: (typeof import("./lock-folder.ts"))[] = [];
    for (let at = 0; at < 6; at++) {
      vi.resetModules();
      starters.push(await import("./lock-folder.ts"));
    }
    expect(new Set(starters.map(({ lockFolder }) => lockFolder)).size).toBe(6);
    for (let round = 0; round < 50; round++) {
      await writeFile(join(state, "lock"), "99999999\n");
      const tried = await Promise.allSettled(
        starters.map(({ lockFolder }) => lockFolder(state, { already: "it is held", instead: "wait" })),
      );
      const locks = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(locks).toHaveLength(1);
      for (const lock of locks) await lock[Symbol.asyncDispose]();
    }
  });

  it("does not write over a collection, and names the line that is damaged without its text", async () => {
    await createJudgingFolder(folder, collection);
    await writeFile(
      join(folder, "judging", "judgements.jsonl"),
      '{"query":"q1","document":"d1","verdict":2}\nsecret\n',
    );
    await expect(openJudgingFolder(folder)).rejects.toThrow(
      /judgements\.jsonl:2: it is no judgement; take the line out/,
    );
    await writeFile(join(folder, "judging", "judgements.jsonl"), "");
    await writeFile(join(folder, "corpus.jsonl"), '{"_id":"d1","text":"secret"}\n{"_id":7}\n');
    await expect(openJudgingFolder(folder)).rejects.toThrow(
      /corpus\.jsonl:2: it is not what dheera_ai eval init writes/,
    );
    await rm(join(folder, "judging"), { recursive: true });
    await expect(createJudgingFolder(folder, collection)).rejects.toThrow("it has a collection already");
  });

  it.each(["corpus.jsonl", "queries.jsonl", "qrels/test.tsv", "qrels/dev.tsv"])(
    "refuses a folder that has a %s of somebody's own, and leaves it as it is",
    async (name) => {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, "mine");
      // A folder of that name says nothing: it may be anybody's.
      await mkdir(join(folder, "judging"), { recursive: true });
      await expect(createJudgingFolder(folder, collection)).rejects.toThrow("it has a collection already");
      expect(await readFile(path, "utf8")).toBe("mine");
    },
  );

  it("writes anew what a crash left half written, and never over what is judged", async () => {
    const torn = {
      ...collection,
      get queries(): NewCollection["queries"] {
        throw new Error("no power");
      },
    };
    await expect(createJudgingFolder(folder, torn)).rejects.toThrow("no power");
    await createJudgingFolder(folder, collection);
    {
      await using opened = await openJudgingFolder(folder);
      await opened.judge({ query: "q1", document: "d1", verdict: 2 });
    }
    await expect(createJudgingFolder(folder, collection)).rejects.toThrow("it has a collection already");
    expect(await readFile(join(folder, "qrels", "test.tsv"), "utf8")).toContain("q1\td1\t2");
  });

  it("is opened in steps that grow with the judgements, and not with their square", async () => {
    const count = 400;
    const queries = Array.from({ length: count }, (_, at) => ({ id: `q${at}`, text: "pool", documents: ["d1", "d2"] }));
    await createJudgingFolder(folder, { documents: collection.documents, queries });
    const said = queries.map(({ id }) => JSON.stringify({ query: id, document: "d1", verdict: 1 }));
    await writeFile(join(folder, "judging", "judgements.jsonl"), `${said.join("\n")}\n`);
    let steps = 0;
    const set = Map.prototype.set;
    // Copies of a map go through it, too.
    const counting = vi.spyOn(Map.prototype, "set").mockImplementation(function (
      this: Map<unknown, unknown>,
      ...entry
    ) {
      steps++;
      return set.apply(this, entry);
    });
    try {
      await using opened = await openJudgingFolder(folder);
      expect(opened.history).toHaveLength(count);
    } finally {
      counting.mockRestore();
    }
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThan(20 * count);
  });
});
