import { expect, it } from "vitest";

import { eventually } from "../../../../../test/support/eventually.ts";
import type { OpenUpload, UploadLimits } from "../../contract.ts";
import type { CreatePlace } from "../queue-place.ts";
import { fileOf } from "../records.ts";

const unlimited: UploadLimits = { uploads: Infinity, uploadsOfOwner: Infinity, bytesOfOwner: Infinity };
const hour = 3_600_000;

function uploadOf(id: string, changes: Partial<OpenUpload> = {}): OpenUpload {
  return { id, owner: "key", bytes: 10, lease: hour, ...changes };
}

export function testUploads(create: CreatePlace): void {
  it("are as many at one time as may be, for all processes together", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const limits = { ...unlimited, uploads: 3, uploadsOfOwner: 2 };
    expect(await one.holdUpload(uploadOf("a"), limits)).toBeUndefined();
    expect(await other.holdUpload(uploadOf("b"), limits)).toBeUndefined();
    expect(await one.holdUpload(uploadOf("c"), limits)).toBe("uploadsOfOwner");
    expect(await one.holdUpload(uploadOf("c", { owner: "another" }), limits)).toBeUndefined();
    expect(await other.holdUpload(uploadOf("d", { owner: "a third" }), limits)).toBe("uploads");
    expect(await one.stored()).toEqual({ files: 0, bytes: 0, uploads: 3 });
    await one.releaseUpload("b");
    await one.releaseUpload("unknown");
    expect(await other.holdUpload(uploadOf("d"), limits)).toBeUndefined();
  });

  it("that are held already stay, also where fewer may be by now", async () => {
    await using place = await create();
    const queue = await place.open();
    await queue.holdUpload(uploadOf("a"), unlimited);
    await queue.holdUpload(uploadOf("b"), unlimited);
    expect(await queue.holdUpload(uploadOf("a"), { ...unlimited, uploads: 1, uploadsOfOwner: 1 })).toBeUndefined();
  });

  it("count against the bytes of their owner beside its files, each with what it has last said", async () => {
    await using place = await create();
    const [one, other] = [await place.open(), await place.open()];
    const limits = { ...unlimited, bytesOfOwner: 10 * 2 ** 40 };
    await one.saveFile(fileOf({ owner: "key", bytes: 4 * 2 ** 40 }), []);
    await one.saveFile(fileOf({ owner: "another", bytes: 100 * 2 ** 40 }), []);
    expect(await one.holdUpload(uploadOf("a", { bytes: 4 * 2 ** 40 }), limits)).toBeUndefined();
    expect(await other.holdUpload(uploadOf("b", { bytes: 2 * 2 ** 40 + 1 }), limits)).toBe("bytesOfOwner");
    expect(await other.holdUpload(uploadOf("b", { bytes: 2 * 2 ** 40 }), limits)).toBeUndefined();
    expect(await one.holdUpload(uploadOf("a", { bytes: 1 }), limits)).toBeUndefined();
    expect(await other.holdUpload(uploadOf("b", { bytes: 6 * 2 ** 40 - 1 }), limits)).toBeUndefined();
    // Whoever is refused gives way to the other.
    expect(await one.holdUpload(uploadOf("a", { bytes: 2 }), limits)).toBe("bytesOfOwner");
    expect(await other.holdUpload(uploadOf("b", { bytes: 6 * 2 ** 40 }), limits)).toBeUndefined();
  });

  it("never have more than there is together, whoever is first", async () => {
    await using place = await create();
    const queues = [await place.open(), await place.open()];
    const limits = { ...unlimited, bytesOfOwner: 55 };
    const verdicts = await Promise.all(
      Array.from({ length: 20 }, (_, index) => queues[index % 2]?.holdUpload(uploadOf(`${index}`), limits)),
    );
    expect(verdicts.filter((verdict) => verdict === undefined)).toHaveLength(5);
  });

  it("have ended when their file is there: it counts once", async () => {
    await using place = await create();
    const queue = await place.open();
    const limits = { ...unlimited, uploadsOfOwner: 1, bytesOfOwner: 15 };
    const file = fileOf({ owner: "key", bytes: 10 });
    expect(await queue.holdUpload(uploadOf(file.id), limits)).toBeUndefined();
    await queue.saveFile(file, []);
    expect(await queue.stored()).toEqual({ files: 1, bytes: 10, uploads: 0 });
    expect(await queue.holdUpload(uploadOf("b", { bytes: 6 }), limits)).toBe("bytesOfOwner");
    expect(await queue.holdUpload(uploadOf("b", { bytes: 5 }), limits)).toBeUndefined();
  });

  it("of a process that is gone give back what they held when their time has passed", async () => {
    await using place = await create();
    const queue = await place.open();
    const limits = { ...unlimited, uploads: 1, bytesOfOwner: 10 };
    expect(await queue.holdUpload(uploadOf("a", { lease: 1 }), limits)).toBeUndefined();
    await eventually(() => queue.holdUpload(uploadOf("b"), limits)).toBeUndefined();
    expect(await queue.holdUpload(uploadOf("a"), limits)).toBe("uploads");
    expect(await queue.stored()).toMatchObject({ uploads: 1 });
  });
}
