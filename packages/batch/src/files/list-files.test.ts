import { expect, it } from "vitest";

import { openPlace } from "../fixtures/place.ts";
import { fileOf } from "../testing/records.ts";

it("pages are full of files whose time has not passed, either way", async () => {
  await using place = await openPlace();
  const files = Array.from({ length: 20 }, (_, number) =>
    fileOf(number % 3 === 0 ? {} : { expiresAt: number % 3 === 1 ? 1 : Date.now() + 3_600_000 }),
  );
  for (const file of files) await place.queue.saveFile(file, []);
  const there = files.filter(({ expiresAt }) => expiresAt !== 1);
  const { list } = place.batches.files;
  for (const limit of [1, 2, 5, 100]) {
    const page = await list({ limit, order: "asc" });
    expect(page).toEqual(there.slice(0, limit));
    const after = page.at(-1)?.id ?? "";
    expect(await list({ limit: 100, order: "asc", after })).toEqual(there.slice(limit));
    expect(await list({ limit })).toEqual(there.toReversed().slice(0, limit));
  }
});
