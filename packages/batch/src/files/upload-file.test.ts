import { gzipSync } from "node:zlib";

import { describe, expect, it } from "vitest";

import { eventually } from "../../../../test/support/eventually.ts";
import type { Store } from "../contract.ts";
import { type Place, arriving, openPlace } from "../fixtures/place.ts";

describe("an upload", () => {
  it("comes back as it was, whether it was packed or not", async () => {
    await using place = await openPlace();
    const text = Array.from(
      { length: 3_000 },
      (_, number) => `{"number": ${number}, "text": "héllo ${number}"}\n`,
    ).join("");
    for (const bytes of [
      Buffer.from(text),
      gzipSync(text),
      Buffer.concat([gzipSync(text.slice(0, 99)), gzipSync(text.slice(99))]),
    ]) {
      const file = await send(place, arriving(chunksOf(bytes, 1_000)));
      expect(file).toMatchObject({ lines: 3_000, bytes: Buffer.byteLength(text), purpose: "batch" });
      expect(await read(place, file.id)).toBe(text);
      expect(await count(place.queue.partsOf(file.id))).toBe(3);
    }
  });

  it("that unpacks to more than a file may have is stopped on the way", async () => {
    await using place = await openPlace({ settings: { maxFileBytes: 100_000 } });
    const bomb = gzipSync(Buffer.alloc(50_000_000, "{}\n"));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(send(place, arriving([bomb]))).rejects.toMatchObject({ code: "request_too_large", param: "file" });
    await expectNothing(place);
  });

  it.each([
    ["is damaged", (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(200, 7), bytes.subarray(20)])],
    ["ends too early", (bytes: Buffer) => bytes.subarray(0, bytes.length - 12)],
  ])("whose gzip data %s is refused and leaves nothing", async (_what, spoil) => {
    await using place = await openPlace();
    const text = Array.from({ length: 3_000 }, (_line, number) => `{"number": ${number}}\n`).join("");
    await expect(send(place, arriving([spoil(gzipSync(text))]))).rejects.toThrow(
      "its gzip data is damaged or ends too early",
    );
    await expectNothing(place);
  });

  it("that is cut off by its sender leaves nothing", async () => {
    await using place = await openPlace();
    const cutOff = async function* (): AsyncGenerator<Uint8Array> {
      for (let line = 0; line < 5_000; line++) yield Buffer.from(`{"number": ${line}}\n`);
      throw new Error("the connection was reset");
    };
    await expect(send(place, cutOff())).rejects.toThrow("the connection was reset");
    await expectNothing(place);
  });

  it("that is given up while nothing arrives leaves nothing", async () => {
    await using place = await openPlace();
    const leaving = new AbortController();
    const silent = async function* (): AsyncGenerator<Uint8Array> {
      for (let line = 0; line < 3_000; line++) yield Buffer.from(`{"number": ${line}}\n`);
      leaving.abort(new Error("gone"));
      await new Promise(() => undefined);
    };
    const sent = place.batches.files.create({
      owner: "",
      filename: "f",
      purpose: "batch",
      bytes: silent(),
      signal: leaving.signal,
    });
    await expect(sent).rejects.toMatchObject({ code: "cancelled" });
    await expectNothing(place);
  });

  it("is read no faster than it is stored", async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let writes = 0;
    const withStore = (store: Store): Store => ({
      write: async (name, bytes) => {
        writes++;
        await gate;
        await store.write(name, bytes);
      },
      read: async (name) => await store.read(name),
      remove: async (names) => await store.remove(names),
      list: (prefix) => store.list(prefix),
      close: async () => await store.close(),
    });
    await using place = await openPlace({ withStore });
    let given = 0;
    const many = async function* (): AsyncGenerator<Uint8Array> {
      for (; given < 20_000; given++) yield Buffer.from(`{"number": ${given}}\n`);
    };
    const sent = send(place, many());
    await eventually(() => writes).toBe(3);
    // Three parts are being written, and one line of the next was seen.
    await eventually(() => given).toBe(3_000);
    open();
    expect(await sent).toMatchObject({ lines: 20_000 });
  });

  it("is refused where its owner has no room left, uploads at one time counted together", async () => {
    await using place = await openPlace({ settings: { maxBytesPerOwner: 40_000 } });
    const text = "{}\n".repeat(9_000);
    const both = await Promise.allSettled([
      send(place, arriving([Buffer.from(text)])),
      send(place, arriving([Buffer.from(text)])),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(send(place, arriving([Buffer.from(text)]))).rejects.toThrow("all files of a key may have 40000 bytes");
    expect(await send(place, arriving([Buffer.from("{}\n")]), "somebody else")).toMatchObject({ lines: 1 });
  });

  it("does not become a file where its room was given away while its process stood still", async () => {
    await using place = await openPlace({ settings: { maxBytesPerOwner: 40_000 } });
    let id = "";
    const frozen = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("{}\n".repeat(5_000));
      await eventually(async () => (id = await firstHolder(place))).toMatch(/^file-/);
      await place.queue.releaseUpload(id);
      await send(place, arriving([Buffer.from("{}\n".repeat(9_000))]));
    };
    await expect(send(place, frozen())).rejects.toMatchObject({ code: "request_too_large" });
    expect(await place.queue.stored()).toMatchObject({ files: 1, uploads: 0 });
    expect(await count(place.store.list(`parts/${id}/`))).toBe(0);
  });

  it("expires, and takes what it stored with it", async () => {
    await using place = await openPlace({ settings: { filesExpireAfter: 1 } });
    const file = await send(place, arriving([Buffer.from("{}\n")]));
    expect(file.expiresAt).toBe(file.createdAt + 1);
    // An hour ago, so that no download goes on.
    const long = { ...file, expiresAt: file.createdAt - 3_700_000 };
    await place.queue.saveFile(long, place.queue.partsOf(file.id));
    await using _ = place.batches.work({ rankLine: async () => ({ status: 200, body: {} }) });
    await eventually(() => place.batches.files.find(file.id)).toBeUndefined();
    await eventually(() => count(place.store.list("parts/"))).toBe(0);
  });
});

async function send(
  { batches }: Place,
  bytes: AsyncIterable<Uint8Array>,
  owner = "",
): ReturnType<Place["batches"]["files"]["create"]> {
  return await batches.files.create({ owner, filename: "input.jsonl", purpose: "batch", bytes });
}

async function read({ batches }: Place, id: string): Promise<string> {
  const file = await batches.files.find(id);
  if (!file) throw new Error("the file is gone");
  const chunks: Uint8Array[] = [];
  for await (const chunk of batches.files.content(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The file that is being stored. */
async function firstHolder({ store }: Place): Promise<string> {
  for await (const { name } of store.list("parts/")) return name.split("/")[1] ?? "";
  return "";
}

async function expectNothing({ batches, store }: Place): Promise<void> {
  expect(await batches.files.list({ limit: 10 })).toEqual([]);
  expect(await count(store.list("parts/"))).toBe(0);
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let number = 0;
  for await (const _ of items) number++;
  return number;
}

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
