import { expect, it } from "vitest";

import { collected, batchOf, fileOf, partOf } from "../records.ts";
import type { CreatePlace } from "../queue-place.ts";

export function testFiles(create: CreatePlace): void {
  it("stay while a batch that has not ended reads them", async () => {
    await using place = await create();
    const [queue, other] = [await place.open(), await place.open()];
    const file = fileOf();
    await queue.saveFile(file, [partOf("a")]);
    const batch = batchOf({ inputFileId: file.id });
    await queue.saveBatch(batch);
    await queue.saveBatch(batchOf());
    expect(await other.removeFile(file.id)).toBe(batch.id);
    expect(await queue.findFile(file.id)).toEqual(file);
    await queue.changeBatch(batch.id, (found) => ({ ...found, status: "completed" }));
    expect(await other.removeFile(file.id)).toBeUndefined();
    expect(await queue.findFile(file.id)).toBeUndefined();
    expect(await other.removeFile(file.id)).toBeUndefined();
  });

  it("are of a queue that whoever opens it knows by the same identity, and no other queue has", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const identity = await one.identity();
    expect(identity).toMatch(/^[\w-]{32,}$/);
    expect(await other.identity()).toBe(identity);
    await using elsewhere = await create();
    expect(await (await elsewhere.open()).identity()).not.toBe(identity);
  });

  it("are there for every process, with their parts in order", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const file = fileOf({ owner: "key", expiresAt: 1_900_000_000_000, bytes: 25_000, lines: 2_500 });
    const parts = Array.from({ length: 2_500 }, (_, index) => partOf(`part-${index}`));
    await one.saveFile(file, parts);
    expect(await other.findFile(file.id)).toEqual(file);
    expect(await collected(other.partsOf(file.id))).toEqual(parts);
    expect(await other.findFile("file-unknown")).toBeUndefined();
    expect(await collected(other.partsOf("file-unknown"))).toEqual([]);
  });

  it("replace what has their id, and take their parts as they come", async () => {
    await using place = await create();
    const queue = await place.open();
    const file = fileOf({ owner: "key", bytes: 10 });
    await queue.saveFile(file, [partOf("a"), partOf("b")]);
    async function* later(): AsyncIterable<ReturnType<typeof partOf>> {
      yield await Promise.resolve(partOf("c"));
    }
    const replaced = { ...file, filename: "other.jsonl", bytes: 30 };
    await queue.saveFile(replaced, later());
    expect(await queue.findFile(file.id)).toEqual(replaced);
    expect(await collected(queue.partsOf(file.id))).toEqual([partOf("c")]);
    expect(await queue.bytesOf("key")).toBe(30);
    expect(await queue.listFiles({ limit: 100 })).toEqual([replaced]);
  });

  it("are not there when their parts end with an error", async () => {
    await using place = await create();
    const queue = await place.open();
    const file = fileOf();
    async function* broken(): AsyncIterable<ReturnType<typeof partOf>> {
      yield partOf("a");
      throw await Promise.resolve(new Error("cut off"));
    }
    await expect(queue.saveFile(file, broken())).rejects.toThrow("cut off");
    expect(await queue.findFile(file.id)).toBeUndefined();
    expect(await collected(queue.partsOf(file.id))).toEqual([]);
  });

  it("are listed newest first, page by page, of one owner or of all, of one purpose or of all", async () => {
    await using place = await create();
    const queue = await place.open();
    const files = Array.from({ length: 25 }, (_, index) =>
      fileOf({
        owner: index % 2 === 0 ? "even" : "odd",
        purpose: index % 3 === 0 ? "batch_output" : "batch",
        // Several of one millisecond: their order is the same on every page.
        createdAt: 1_700_000_000_000 + Math.floor(index / 4),
      }),
    );
    for (const file of files) await queue.saveFile(file, []);
    const newestFirst = files.toReversed();
    for (const [selection, wanted] of [
      [{}, newestFirst],
      [{ owner: "odd" }, newestFirst.filter(({ owner }) => owner === "odd")],
      [{ purpose: "batch_output" }, newestFirst.filter(({ purpose }) => purpose === "batch_output")],
      [
        { owner: "even", purpose: "batch" },
        newestFirst.filter(({ owner, purpose }) => owner === "even" && purpose === "batch"),
      ],
    ] as const) {
      const found = [];
      for (let after: string | undefined; ;) {
        const page = await queue.listFiles({ limit: 4, ...selection, ...(after !== undefined && { after }) });
        found.push(...page);
        after = page.at(-1)?.id;
        if (page.length < 4) break;
      }
      expect(found).toEqual(wanted);
      const oldestFirst = wanted.toReversed();
      const page = await queue.listFiles({ limit: 4, ...selection, order: "asc" });
      expect(page).toEqual(oldestFirst.slice(0, 4));
      const after = page.at(-1)?.id ?? "";
      expect(await queue.listFiles({ limit: 100, ...selection, order: "asc", after })).toEqual(oldestFirst.slice(4));
    }
    expect(await queue.listFiles({ limit: 100, owner: "nobody" })).toEqual([]);
  });

  it("are listed without those whose time has passed, in one step and either way, also after one of them", async () => {
    await using place = await create();
    const queue = await place.open();
    const now = 1_750_000_000_000;
    const endOf = (index: number): number => now + (index === 205 ? 1 : 0);
    const files = Array.from({ length: 210 }, (_, index) =>
      fileOf({ owner: "key", ...(index % 100 !== 0 && { expiresAt: endOf(index) }) }),
    );
    await Promise.all(files.map((file) => queue.saveFile(file, [])));
    const there = files.filter((_, index) => [0, 100, 200, 205].includes(index));
    for (const limit of [1, 2, 3, 4, 5, 100]) {
      const page = { owner: "key", limit, now };
      expect(await queue.listFiles(page)).toEqual(there.toReversed().slice(0, limit));
      expect(await queue.listFiles({ ...page, order: "asc" })).toEqual(there.slice(0, limit));
      const after = files[150]?.id ?? "";
      expect(await queue.listFiles({ ...page, after })).toEqual([there[1], there[0]].slice(0, limit));
      expect(await queue.listFiles({ ...page, after, order: "asc" })).toEqual(there.slice(2, 2 + limit));
    }
    expect(await queue.listFiles({ limit: 3 })).toEqual(files.toReversed().slice(0, 3));
    expect(await queue.listFiles({ limit: 3, now: now + 1 })).toEqual([files[200], files[100], files[0]]);
  });

  it("are listed after one that is there, and the owner's", async () => {
    await using place = await create();
    const queue = await place.open();
    const file = fileOf({ owner: "key" });
    await queue.saveFile(file, []);
    const refused = { code: "invalid_request", param: "after" };
    await expect(queue.listFiles({ limit: 1, after: "file-unknown" })).rejects.toMatchObject(refused);
    await expect(queue.listFiles({ limit: 1, after: file.id, owner: "other" })).rejects.toMatchObject(refused);
    expect(await queue.listFiles({ limit: 1, after: file.id, owner: "key" })).toEqual([]);
  });

  it("are removed with their parts, and removing again has no effect", async () => {
    await using place = await create();
    const queue = await place.open();
    const [file, other] = [fileOf({ owner: "key", bytes: 7 }), fileOf({ owner: "key", bytes: 5 })];
    await queue.saveFile(file, [partOf("a")]);
    await queue.saveFile(other, [partOf("b")]);
    for (let time = 0; time < 2; time++) {
      await queue.removeFile(file.id);
      expect(await queue.findFile(file.id)).toBeUndefined();
      expect(await collected(queue.partsOf(file.id))).toEqual([]);
      expect(await queue.bytesOf("key")).toBe(5);
      expect(await queue.listFiles({ limit: 10 })).toEqual([other]);
    }
    expect(await collected(queue.partsOf(other.id))).toEqual([partOf("b")]);
  });

  it("count for their owner, who may have more bytes than 32 bits hold", async () => {
    await using place = await create();
    const queue = await place.open();
    const large = 5 * 2 ** 30;
    await Promise.all(Array.from({ length: 10 }, () => queue.saveFile(fileOf({ owner: "key", bytes: large }), [])));
    await queue.saveFile(fileOf({ owner: "", bytes: 3 }), []);
    expect(await queue.bytesOf("key")).toBe(10 * large);
    expect(await queue.bytesOf("")).toBe(3);
    expect(await queue.bytesOf("nobody")).toBe(0);
    expect(await queue.stored()).toEqual({ files: 11, bytes: 10 * large + 3, uploads: 0 });
  });

  it("are found when their time has passed, the oldest first", async () => {
    await using place = await create();
    const queue = await place.open();
    const now = 1_750_000_000_000;
    const files = [now - 1, now - 2, now, now + 1].map((expiresAt) => fileOf({ expiresAt }));
    for (const file of [...files, fileOf()]) await queue.saveFile(file, []);
    const expired = [files[1], files[0], files[2]];
    expect(await queue.expiredFiles(now, 10)).toEqual(expired);
    expect(await queue.expiredFiles(now, 2)).toEqual(expired.slice(0, 2));
    expect(await queue.expiredFiles(now, 2, 1)).toEqual(expired.slice(1));
    expect(await queue.expiredFiles(now, 2, 3)).toEqual([]);
    for (const file of expired) if (file !== undefined) await queue.removeFile(file.id);
    expect(await queue.expiredFiles(now, 10)).toEqual([]);
    const { expiresAt: _, ...endless } = fileOf({ id: files[3]?.id ?? "" });
    await queue.saveFile(endless, []);
    expect(await queue.expiredFiles(now + 10, 10)).toEqual([]);
  });
}
