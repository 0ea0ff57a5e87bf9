import { describe, expect, it } from "vitest";

import { eventually } from "../../../test/support/eventually.ts";
import type { BatchRecord, KeptLine, Queue, Store } from "./contract.ts";
import { type Place, create, linesOf, openPlace, requestOf, upload } from "./fixtures/place.ts";
import { DheeraError } from "@dheera-ai/core";
import { checkInput } from "./batches/check-input.ts";
import { contextOf } from "./fixtures/context-of.ts";
import type { RankLine } from "./worker/work-options.ts";

/** Answers with the query, which is the custom_id. */
const echo: RankLine = async ({ body }) => ({ status: 200, body, cost: 0.5 });

describe("a batch", () => {
  it("asks other lines while one fails always, and that one last", async () => {
    await using place = await openPlace();
    const ids = ["poison", ...Array.from({ length: 20 }, (_, number) => `id-${number}`)];
    const { id } = await create(place.batches, ids.map(requestOf));
    await using _ = place.batches.work({
      concurrency: 1,
      rankLine: async (line) =>
        queryOf(line.body) === "poison" ? { status: 503, body: {}, retryLater: "down" } : await echo(line),
    });
    await eventually(async () => (await place.batches.batches.find(id))?.counts.completed).toBe(20);
    await place.batches.batches.cancel(id);
    expect((await endOf(place, id)).counts).toEqual({ total: 21, completed: 20, failed: 1 });
  });

  it("is served beside any number of batches that wait for something", async () => {
    await using place = await openPlace();
    for (let number = 0; number < 70; number++) await create(place.batches, [requestOf(`waits-${number}`)]);
    const waiting = new Set<string>();
    await using _ = place.batches.work({
      rankLine: async (line) => {
        if (!queryOf(line.body).startsWith("waits")) return await echo(line);
        waiting.add(queryOf(line.body));
        return { status: 429, body: {}, retryLater: "over budget" };
      },
    });
    await eventually(async () => waiting.size).toBeGreaterThanOrEqual(64);
    const { id } = await create(place.batches, [requestOf("a")]);
    expect(await endOf(place, id)).toMatchObject({ status: "completed" });
  });

  it("is served beside a large one whose lines take long", async () => {
    await using place = await openPlace();
    const large = await create(
      place.batches,
      Array.from({ length: 900 }, (_, number) => requestOf(`slow-${number}`)),
    );
    /** Lines of the large one that are being asked, each until the test lets it end. */
    const running: (() => void)[] = [];
    let ended = 0;
    let isOver = false;
    await using _ = place.batches.work({
      concurrency: 2,
      rankLine: async (line) => {
        if (!isOver && queryOf(line.body).startsWith("slow")) await new Promise<void>((end) => running.push(end));
        return await echo(line);
      },
    });
    await eventually(async () => running.length).toBe(2);
    const { id } = await create(place.batches, [requestOf("a")]);
    await eventually(async () => {
      running.shift()?.();
      ended++;
      return (await place.batches.batches.find(id))?.status;
    }).toBe("completed");
    expect(ended).toBeLessThan(800);
    isOver = true;
    for (const end of running) end();
    expect(await endOf(place, large.id)).toMatchObject({ counts: { completed: 900 } });
  });

  it("takes no file whose time has passed", async () => {
    await using place = await openPlace();
    const file = await upload(place.batches, [requestOf("a")]);
    await place.queue.saveFile({ ...file, expiresAt: Date.now() - 1 }, place.queue.partsOf(file.id));
    await expect(
      place.batches.batches.create({
        owner: "",
        inputFileId: file.id,
        endpoint: "/v1/rerank",
        completionWindow: "24h",
      }),
    ).rejects.toMatchObject({ param: "input_file_id" });
  });

  it("answers each line once, in the order of its input, and each failure in a file of its own", async () => {
    await using place = await openPlace();
    const ids = Array.from({ length: 2_500 }, (_, number) => `id-${number}`);
    const { id } = await create(place.batches, ids.map(requestOf));
    await using _ = place.batches.work({
      rankLine: async (line) => {
        const isBad = queryOf(line.body).endsWith("7");
        return isBad ? { status: 400, body: { error: { message: "no" } }, requestId: "r" } : await echo(line);
      },
    });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({
      status: "completed",
      counts: { total: 2_500, completed: 2_250, failed: 250 },
      cost: 1_125,
    });
    const output = await linesOf(place.batches, batch.outputFileId);
    const errors = await linesOf(place.batches, batch.errorFileId);
    expect(idsOf(output)).toEqual(ids.filter((each) => !each.endsWith("7")));
    expect(idsOf(errors)).toEqual(ids.filter((each) => each.endsWith("7")));
    expect(output[0]).toEqual({
      id: expect.stringMatching(/^batch_req_/),
      custom_id: "id-0",
      response: {
        status_code: 200,
        request_id: expect.any(String),
        body: { model: "m", query: "id-0", documents: ["a"] },
      },
      error: null,
    });
    expect(errors[0]).toMatchObject({
      custom_id: "id-7",
      response: { status_code: 400, request_id: "r", body: { error: { message: "no" } } },
      error: null,
    });
    const files = await place.batches.files.list({ limit: 10, purpose: "batch_output" });
    expect(files.map(({ filename, lines }) => [filename, lines]).toSorted()).toEqual([
      [`${id}_error.jsonl`, 250],
      [`${id}_output.jsonl`, 2_250],
    ]);
  });

  it("gives a broken line its own error with its number, and lists it", async () => {
    await using place = await openPlace();
    const lines = [...Array.from({ length: 1_200 }, (_, number) => requestOf(`${number}`)), "{", { custom_id: "x" }];
    const { id } = await create(place.batches, lines);
    await using _ = place.batches.work({ rankLine: echo });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({
      status: "completed",
      counts: { total: 1_202, completed: 1_200, failed: 2 },
      problems: [
        { code: "invalid_json_line", line: 1_201 },
        { code: "invalid_request", line: 1_202, param: "method" },
      ],
    });
    expect(await linesOf(place.batches, batch.errorFileId)).toMatchObject([
      { custom_id: null, response: null, error: { code: "invalid_json_line", line: 1_201 } },
      { custom_id: "x", response: null, error: { code: "invalid_request", line: 1_202, param: "method" } },
    ]);
  });

  it.each([
    ["no line", [], { code: "empty_batch" }],
    ["no good line", ["{", "[]"], { code: "invalid_json_line", line: 1 }],
    ["a custom_id twice", [requestOf("a"), requestOf("b"), requestOf("a")], { code: "duplicate_custom_id", line: 3 }],
  ])("with %s fails before anything is asked", async (_what, lines, problem) => {
    await using place = await openPlace();
    const { id } = await create(place.batches, lines);
    let asked = 0;
    await using _ = place.batches.work({ rankLine: async (line) => (asked++, await echo(line)) });
    const batch = await endOf(place, id);
    expect(batch.status).toBe("failed");
    expect(batch.problems[0]).toMatchObject(problem);
    expect(asked).toBe(0);
    await eventually(async () => (await place.batches.totals()).shards).toEqual({ waiting: 0, running: 0 });
  });

  it("whose input is gone before it was checked fails and says so", async () => {
    await using place = await openPlace();
    const { id, inputFileId } = await create(place.batches, [requestOf("a")]);
    await place.store.remove([`parts/${inputFileId}/0000000.gz`]);
    await using _ = place.batches.work({ rankLine: echo });
    expect(await endOf(place, id)).toMatchObject({ status: "failed", problems: [{ code: "input_lost" }] });
  });

  it("that is cancelled keeps what has ended, and says so of the rest", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["a", "b", "c"].map(requestOf));
    await using _ = place.batches.work({ rankLine: only("a") });
    await eventually(async () => (await place.batches.batches.find(id))?.counts.completed).toBe(1);
    expect(await place.batches.batches.cancel(id)).toMatchObject({ status: "cancelling" });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "cancelled", counts: { total: 3, completed: 1, failed: 2 } });
    expect(idsOf(await linesOf(place.batches, batch.outputFileId))).toEqual(["a"]);
    expect(await linesOf(place.batches, batch.errorFileId)).toMatchObject([
      { custom_id: "b", response: null, error: { code: "batch_cancelled" } },
      { custom_id: "c", response: null, error: { code: "batch_cancelled" } },
    ]);
    expect(await place.batches.batches.cancel(id)).toMatchObject({ status: "cancelled" });
  });

  it("that is cancelled before it was checked ends without files", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["a"].map(requestOf));
    await place.batches.batches.cancel(id);
    await using _ = place.batches.work({ rankLine: echo });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "cancelled", counts: { total: 0, completed: 0, failed: 0 } });
    expect(batch.outputFileId ?? batch.errorFileId).toBeUndefined();
  });

  it("that is cancelled after a process died while it added the parts ends with each line in the errors", async () => {
    await using place = await openPlace();
    const batch = await create(
      place.batches,
      Array.from({ length: 1_500 }, (_, number) => requestOf(`id-${number}`)),
    );
    const queue: Queue = { ...place.queue, addShards: () => Promise.reject(new Error("killed")) };
    const { signal } = new AbortController();
    await expect(checkInput(contextOf(place, { queue }), batch, signal)).rejects.toThrow("killed");
    await place.batches.batches.cancel(batch.id);
    await using _ = place.batches.work({ rankLine: echo });
    expect(await endOf(place, batch.id)).toMatchObject({
      status: "cancelled",
      counts: { total: 1_500, completed: 0, failed: 1_500 },
    });
  });

  it("whose time has passed keeps what has ended, and says so of the rest", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["a", "b"].map(requestOf));
    await using _ = place.batches.work({ rankLine: only("a") });
    await eventually(async () => (await place.batches.batches.find(id))?.counts.completed).toBe(1);
    await place.queue.changeBatch(id, (batch) => ({ ...batch, expiresAt: batch.createdAt }));
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "expired", counts: { total: 2, completed: 1, failed: 1 } });
    expect(await linesOf(place.batches, batch.errorFileId)).toMatchObject([
      { custom_id: "b", error: { code: "batch_expired" } },
    ]);
  });

  it("pauses while nothing can be answered, says why, and goes on", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["a", "b", "c"].map(requestOf));
    let isDown = true;
    await using _ = place.batches.work({
      rankLine: async (line) =>
        isDown ? { status: 503, body: {}, retryLater: "Every deployment is down." } : await echo(line),
    });
    await eventually(async () => (await place.batches.batches.find(id))?.pausedFor).toBe("Every deployment is down.");
    isDown = false;
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "completed", counts: { completed: 3, failed: 0 } });
    expect(batch.pausedFor).toBeUndefined();
  });

  it("asks a line again that was refused for the moment", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["a", "b"].map(requestOf));
    const refusals = [429, 503, 504];
    await using _ = place.batches.work({
      rankLine: async (line) => {
        const status = queryOf(line.body) === "a" ? refusals.shift() : undefined;
        return status === undefined ? await echo(line) : { status, body: {} };
      },
    });
    expect(await endOf(place, id)).toMatchObject({ status: "completed", counts: { completed: 2, failed: 0 } });
    expect(refusals).toEqual([]);
  });

  it("waits where there is no room to write, says so, and goes on when there is", async () => {
    let isFull = false;
    const withStore = (store: Store): Store => ({
      write: async (name, bytes) => {
        if (isFull) throw new DheeraError("unavailable", "the disk is full");
        await store.write(name, bytes);
      },
      read: async (name) => await store.read(name),
      remove: async (names) => await store.remove(names),
      list: (prefix) => store.list(prefix),
      close: async () => await store.close(),
    });
    await using place = await openPlace({ withStore });
    const { id } = await create(place.batches, ["a"].map(requestOf));
    isFull = true;
    await using _ = place.batches.work({ rankLine: echo });
    await eventually(async () => (await place.batches.batches.find(id))?.pausedFor).toBe("the disk is full");
    isFull = false;
    expect(await endOf(place, id)).toMatchObject({ status: "completed", counts: { completed: 1 } });
  });

  it("says so too where there is no room for the record that would say it", async () => {
    let isFull = false;
    const refuseWhenFull = (): void => {
      if (isFull) throw new DheeraError("unavailable", "the queue's disk is full");
    };
    const withQueue = (queue: Queue): Queue => ({
      ...queue,
      changeBatch: async (id, change) => {
        refuseWhenFull();
        return await queue.changeBatch(id, change);
      },
      take: async (signal, except) => {
        const claim = await queue.take(signal, except);
        if (!claim) return undefined;
        const keep = claim.keep;
        return Object.assign(claim, {
          keep: async (lines: readonly KeptLine[]) => {
            refuseWhenFull();
            await keep(lines);
          },
        });
      },
    });
    await using place = await openPlace({ withQueue });
    const { id } = await create(place.batches, ["a", "b"].map(requestOf));
    await using _ = place.batches.work({
      concurrency: 1,
      rankLine: async (line) => {
        isFull ||= queryOf(line.body) === "a";
        return await echo(line);
      },
    });
    await eventually(async () => (await place.batches.batches.find(id))?.pausedFor).toBe("the queue's disk is full");
    expect((await place.batches.batches.list({ limit: 1 }))[0]?.pausedFor).toBe("the queue's disk is full");
    isFull = false;
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "completed", counts: { completed: 2 } });
    expect(batch.pausedFor).toBeUndefined();
  });

  it("fails the lines of a part that is gone, and no others", async () => {
    await using place = await openPlace();
    const { id, inputFileId } = await create(
      place.batches,
      Array.from({ length: 1_001 }, (_, number) => requestOf(`${number}`)),
    );
    let isLost = false;
    const lose = async (): Promise<void> => {
      if (isLost) return;
      isLost = true;
      await place.store.remove([`parts/${inputFileId}/0000001.gz`]);
    };
    await using _ = place.batches.work({
      concurrency: 1,
      rankLine: async (line) => {
        await lose();
        return await echo(line);
      },
    });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "completed", counts: { completed: 1_000, failed: 1 } });
    expect(await linesOf(place.batches, batch.errorFileId)).toMatchObject([{ error: { code: "input_lost" } }]);
  });

  it("gives what a worker has not ended to the next one, and asks nothing twice", async () => {
    await using place = await openPlace();
    const { id } = await create(place.batches, ["a", "b", "c"].map(requestOf));
    const asked: string[] = [];
    const first = place.batches.work({
      rankLine: async (line) => {
        asked.push(queryOf(line.body));
        return await only("a", "b")(line);
      },
    });
    await eventually(async () => (await place.batches.batches.find(id))?.counts.completed).toBe(2);
    await first.close();
    await using _ = place.batches.work({
      rankLine: async (line) => {
        asked.push(queryOf(line.body));
        return await echo(line);
      },
    });
    const batch = await endOf(place, id);
    expect(batch).toMatchObject({ status: "completed", counts: { completed: 3, failed: 0 } });
    expect(asked.toSorted()).toEqual(["a", "b", "c", "c"]);
    expect(idsOf(await linesOf(place.batches, batch.outputFileId))).toEqual(["a", "b", "c"]);
  });

  it("does not wait for a large one", async () => {
    await using place = await openPlace();
    const large = await create(
      place.batches,
      Array.from({ length: 4_000 }, (_, number) => requestOf(`large-${number}`)),
    );
    const small = await create(place.batches, [requestOf("small")]);
    let asked = 0;
    let askedBefore = Infinity;
    const bothAreChecked = Promise.withResolvers<void>();
    await using _ = place.batches.work({
      concurrency: 2,
      rankLine: async (line) => {
        await bothAreChecked.promise;
        if (line.batchId === large.id) asked++;
        else askedBefore = asked;
        return await echo(line);
      },
    });
    await eventually(async () => (await place.batches.batches.find(small.id))?.status).toBe("in_progress");
    bothAreChecked.resolve();
    await endOf(place, small.id);
    // A shard that was begun, and the one that was taken before the small batch had its turn.
    expect(askedBefore).toBeLessThan(2_500);
    expect(await endOf(place, large.id)).toMatchObject({ status: "completed", counts: { completed: 4_000 } });
  });

  it("keeps its input from being removed until it has ended", async () => {
    await using place = await openPlace();
    const file = await upload(place.batches, [requestOf("a")]);
    const { id } = await place.batches.batches.create({
      owner: "",
      inputFileId: file.id,
      endpoint: "/v1/rerank",
      completionWindow: "1h",
    });
    await expect(place.batches.files.remove(file)).rejects.toThrow(
      `is the input of the batch ${id}, which has not ended`,
    );
    await using _ = place.batches.work({ rankLine: echo });
    const batch = await endOf(place, id);
    await place.batches.files.remove(file);
    expect(await place.batches.files.find(file.id)).toBeUndefined();
    expect(idsOf(await linesOf(place.batches, batch.outputFileId))).toEqual(["a"]);
  });

  it.each([
    ["endpoint", { endpoint: "/v1/chat/completions" }],
    ["completion_window", { completionWindow: "soon" }],
    ["input_file_id", { inputFileId: "file-unknown" }],
    ["input_file_id", { owner: "somebody else" }],
    ["metadata", { metadata: { key: "v".repeat(513) } }],
  ])("is refused where %s is wrong", async (param, wrong) => {
    await using place = await openPlace();
    const file = await upload(place.batches, [requestOf("a")]);
    const asked = { owner: "", inputFileId: file.id, endpoint: "/v1/rerank", completionWindow: "24h" };
    await expect(place.batches.batches.create({ ...asked, ...wrong })).rejects.toMatchObject({
      code: "invalid_request",
      param,
    });
  });
});

/** Answers these; the others never. */
function only(...served: readonly string[]): RankLine {
  return async (line) => {
    if (served.includes(queryOf(line.body))) return await echo(line);
    return await new Promise((_resolve, reject) => {
      line.signal.addEventListener("abort", () => reject(line.signal.reason), { once: true });
    });
  };
}

function queryOf(body: unknown): string {
  return typeof body === "object" && body !== null && "query" in body ? String(body.query) : "";
}

function idsOf(lines: readonly unknown[]): readonly unknown[] {
  return lines.map((line) =>
    typeof line === "object" && line !== null && "custom_id" in line ? line.custom_id : undefined,
  );
}

async function endOf({ batches }: Place, id: string): Promise<BatchRecord> {
  await eventually(async () => (await batches.batches.find(id))?.status).toMatch(
    /^(completed|failed|expired|cancelled)$/,
  );
  const batch = await batches.batches.find(id);
  if (!batch) throw new Error("the batch is gone");
  return batch;
}
