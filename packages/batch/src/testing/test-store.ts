import { expect, it } from "vitest";

import type { Store, StoredName } from "../contract.ts";

/** A place of a test, where several processes would see the same. */
export interface StorePlace extends AsyncDisposable {
  open(): Promise<Store>;
}

/** What every store promises. */
export function testStore(create: () => Promise<StorePlace>): void {
  /** Two of one place, as two processes have them. */
  async function openTwo(): Promise<AsyncDisposable & { one: Store; other: Store }> {
    const place = await create();
    const [one, other] = [await place.open(), await place.open()];
    return {
      one,
      other,
      async [Symbol.asyncDispose]() {
        await one.close();
        await other.close();
        await place[Symbol.asyncDispose]();
      },
    };
  }

  it("gives back what was written, byte by byte, to every process", async () => {
    await using stores = await openTwo();
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 31) % 256);
    await stores.one.write("files/file-1/0.gz", bytes);
    await stores.one.write("files/file-1/empty", new Uint8Array());
    expect(Buffer.compare(await stores.other.read("files/file-1/0.gz"), bytes)).toBe(0);
    expect(await stores.other.read("files/file-1/empty")).toHaveLength(0);
  });

  it("replaces what had the name", async () => {
    await using stores = await openTwo();
    await stores.one.write("a", Buffer.from("first and longer"));
    await stores.other.write("a", Buffer.from("second"));
    expect(Buffer.from(await stores.one.read("a")).toString()).toBe("second");
  });

  it("gives whole values while others are written to the same name", async () => {
    await using stores = await openTwo();
    const values = ["x", "y", "z"].map((letter) => Buffer.from(letter.repeat(100_000)));
    await stores.one.write("a/b", Buffer.from("x".repeat(100_000)));
    const writing = Promise.all([...values, ...values].map((value) => stores.one.write("a/b", value)));
    for (let read = 0; read < 20; read++)
      expect(values.map(String)).toContain(Buffer.from(await stores.other.read("a/b")).toString());
    await writing;
  });

  it("says when nothing has the name", async () => {
    await using stores = await openTwo();
    await stores.one.write("a/b", Buffer.from("b"));
    for (const name of ["b", "a", "a/b/c", "a/c"])
      await expect(stores.one.read(name)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("removes names, and has no trouble with those that are not there", async () => {
    await using stores = await openTwo();
    const names = Array.from({ length: 1_100 }, (_, index) => `files/part-${index}`);
    await writeAll(stores.one, names);
    await stores.other.remove([...names.slice(1), "files/nothing", "nothing/at/all"]);
    expect(await namesOf(stores.one.list(""))).toEqual(["files/part-0"]);
    await stores.other.remove([]);
    await stores.other.remove(["files/part-0"]);
    expect(await namesOf(stores.one.list(""))).toEqual([]);
    await stores.one.write("files/part-0", Buffer.from("again"));
    expect(await namesOf(stores.one.list(""))).toEqual(["files/part-0"]);
  });

  it("lists more names than fit into one answer, and those of a prefix alone", async () => {
    await using stores = await openTwo();
    const names = Array.from({ length: 1_050 }, (_, index) => `files/file-${index % 7}/${index}.gz`);
    await writeAll(stores.one, [...names, "filesystem"]);
    for (const prefix of ["files/", "files/file-3", "files/file-3/1"])
      expect(await namesOf(stores.other.list(prefix))).toEqual(
        names.filter((name) => name.startsWith(prefix)).toSorted(),
      );
    expect(await namesOf(stores.other.list(""))).toHaveLength(1_051);
    expect(await namesOf(stores.other.list("nothing/"))).toEqual([]);
  });

  it("says when a name was written", async () => {
    await using stores = await openTwo();
    await stores.one.write("a", Buffer.from("a"));
    await stores.one.write("b", Buffer.from("b"));
    const names = await listed(stores.other.list(""));
    const [a = 0, b = 0] = ["a", "b"].map((wanted) => names.find(({ name }) => name === wanted)?.writtenAt);
    // Some stores count in seconds, by a clock of their own.
    expect(Math.abs(a - Date.now())).toBeLessThan(600_000);
    expect(b).toBeGreaterThanOrEqual(Math.floor(a / 1_000) * 1_000);
  });

  it.each([
    "../a",
    "a/../b",
    "a/..",
    "/a",
    "a//b",
    "",
    ".",
    ".writing/a",
    "A",
    "a b",
    "a\\b",
    "a\0b",
    "ä",
    "x".repeat(513),
  ])("refuses the name %j", async (name) => {
    await using stores = await openTwo();
    const refused = { code: "invalid_request" };
    await expect(stores.one.write(name, Buffer.from("a"))).rejects.toMatchObject(refused);
    await expect(stores.one.read(name)).rejects.toMatchObject(refused);
    await expect(stores.one.remove([name])).rejects.toMatchObject(refused);
    if (name !== "") await expect(namesOf(stores.one.list(name))).rejects.toMatchObject(refused);
  });
}

async function writeAll(store: Store, names: readonly string[]): Promise<void> {
  for (let start = 0; start < names.length; start += 50)
    await Promise.all(names.slice(start, start + 50).map((name) => store.write(name, Buffer.from(name))));
}

async function listed(names: AsyncIterable<StoredName>): Promise<StoredName[]> {
  const all: StoredName[] = [];
  for await (const name of names) all.push(name);
  return all;
}

async function namesOf(names: AsyncIterable<StoredName>): Promise<string[]> {
  return (await listed(names)).map(({ name }) => name).toSorted();
}
