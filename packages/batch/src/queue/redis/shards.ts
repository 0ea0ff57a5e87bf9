import { nullable, object, optional, parse, string, tuple } from "valibot";

import type { Claim, FilePart, KeptLine, NewShard, ShardResult, Suspicion } from "../../contract.ts";
import { collect } from "../collect.ts";
import { filePart, readKept, readSuspicion } from "../records.ts";
import type { RedisConnection } from "./connection.ts";
import * as scripts from "./shard-scripts.ts";

const result = object({ attempt: string(), output: optional(filePart), errors: optional(filePart) });

/** How often its workers have died, and what the last one noted. */
const history = nullable(tuple([nullable(string()), nullable(string())]));

/** Numbers of shards whose results are read at once. */
const chunk = 1_000;

/** Which shard of which batch. */
export interface ShardId {
  readonly batchId: string;
  readonly shard: number;
}

/** What has become of each shard: held by an attempt with what it kept, or ended with a result. */
export class RedisShards {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  /** @returns those that have not ended; none where the batch is not there or has ended */
  async unended(batchId: string, shards: AsyncIterable<NewShard> | Iterable<NewShard>): Promise<readonly NewShard[]> {
    const all = await collect(shards);
    if (all.length === 0 || !(await this.isOpen(batchId))) return [];
    const ended = await this.#redis.ask(() =>
      this.#redis.client.hmget(this.#resultsKey(batchId), ...all.map(({ shard }) => String(shard))),
    );
    return all.filter((_, index) => ended[index] === null);
  }

  async isOpen(batchId: string): Promise<boolean> {
    const open = this.#redis.key("batches", "open");
    return (await this.#redis.ask(() => this.#redis.client.zscore(open, batchId))) !== null;
  }

  /** @returns undefined where it has ended */
  async begin({ batchId, shard }: ShardId, attempt: string): Promise<Pick<Claim, "deaths" | "suspicion"> | undefined> {
    const keys = [this.#shardKey(batchId, shard), this.#resultsKey(batchId), this.#unfinishedKey(batchId)];
    const found = parse(history, await this.#redis.run(scripts.begin, keys, [attempt, shard]));
    if (found === null) return undefined;
    const [deaths, suspicion] = found;
    return { deaths: Number(deaths), suspicion: suspicion === null ? undefined : readSuspicion(suspicion) };
  }

  /** @returns false where it is somebody else's by now */
  async suspect({ batchId, shard }: ShardId, attempt: string, suspicion: Suspicion): Promise<boolean> {
    const values = [attempt, JSON.stringify(suspicion)];
    return (await this.#redis.run(scripts.suspect, [this.#shardKey(batchId, shard)], values)) === 1;
  }

  /** @returns false where it is somebody else's by now */
  async leave({ batchId, shard }: ShardId, attempt: string): Promise<boolean> {
    return (await this.#redis.run(scripts.leave, [this.#shardKey(batchId, shard)], [attempt])) === 1;
  }

  async takeBackDeath({ batchId, shard }: ShardId, attempt: string): Promise<void> {
    await this.#redis.run(scripts.takeBackDeath, [this.#shardKey(batchId, shard)], [attempt]);
  }

  async kept({ batchId, shard }: ShardId): Promise<readonly KeptLine[]> {
    const fields = await this.#redis.ask(() => this.#redis.client.hgetall(this.#shardKey(batchId, shard)));
    return Object.entries(fields)
      .flatMap(([field, text]) => (field.startsWith("@") ? [] : [readKept(text)]))
      .toSorted((one, other) => one.line - other.line);
  }

  /** @returns false where the shard is somebody else's by now */
  async keep({ batchId, shard }: ShardId, attempt: string, lines: readonly KeptLine[]): Promise<boolean> {
    const values = lines.flatMap((line) => [
      line.line,
      JSON.stringify(line),
      line.isError ? "failed" : "completed",
      line.cost ?? "",
    ]);
    const keys = [this.#shardKey(batchId, shard), this.#batchKey(batchId)];
    return (await this.#redis.run(scripts.keep, keys, [attempt, ...values])) === 1;
  }

  /** @returns false where the shard is somebody else's by now */
  async finish({ batchId, shard }: ShardId, attempt: string, ended: ShardResult): Promise<boolean> {
    const { output, errors, completed, failed, cost } = ended;
    const finished = await this.#redis.run(
      scripts.finish,
      [
        this.#shardKey(batchId, shard),
        this.#batchKey(batchId),
        this.#resultsKey(batchId),
        this.#unfinishedKey(batchId),
      ],
      [attempt, shard, JSON.stringify({ attempt, output, errors }), completed, failed, cost ?? ""],
    );
    return finished === 1;
  }

  async *results(batchId: string, kind: "output" | "errors"): AsyncIterable<FilePart> {
    const numbers = await this.#redis.ask(() => this.#redis.client.hkeys(this.#resultsKey(batchId)));
    const ordered = numbers.map(Number).toSorted((one, other) => one - other);
    for (let start = 0; start < ordered.length; start += chunk) {
      const fields = ordered.slice(start, start + chunk).map(String);
      const texts = await this.#redis.ask(() => this.#redis.client.hmget(this.#resultsKey(batchId), ...fields));
      for (const text of texts) {
        const part = text === null ? undefined : parse(result, JSON.parse(text))[kind];
        if (part !== undefined) yield part;
      }
    }
  }

  async forget(batchId: string, turnsKey: string, dividedKey: string): Promise<void> {
    const keys = [this.#resultsKey(batchId), this.#unfinishedKey(batchId), turnsKey, dividedKey];
    await this.#redis.run(scripts.forget, keys, [batchId, this.#redis.key("shard", batchId, "")]);
  }

  #batchKey(batchId: string): string {
    return this.#redis.key("batch", batchId);
  }

  #shardKey(batchId: string, shard: number): string {
    return this.#redis.key("shard", batchId, shard);
  }

  #resultsKey(batchId: string): string {
    return this.#redis.key("results", batchId);
  }

  #unfinishedKey(batchId: string): string {
    return this.#redis.key("unfinished", batchId);
  }
}
