import type { Context } from "../../context.ts";
import type { Claim, FilePart, KeptLine, ShardResult } from "../../contract.ts";
import { writePart } from "../../files/packed-part.ts";
import { newToken, resultPartName } from "../../ids.ts";

/** Stores the lines of a shard that have ended, in the order of its input: a part of the output and one of the errors. */
export async function writeResults(context: Context, claim: Claim, lines: readonly KeptLine[]): Promise<ShardResult> {
  const attempt = newToken();
  const write = async (kind: "output" | "errors", isError: boolean): Promise<FilePart | undefined> => {
    const texts = lines.filter((line) => line.isError === isError).map((line) => `${line.text}\n`);
    if (texts.length === 0) return undefined;
    const name = resultPartName(claim.batchId, claim.shard, attempt, kind);
    return await writePart(context, name, Buffer.from(texts.join("")), texts.length);
  };
  const [output, errors] = await Promise.all([write("output", false), write("errors", true)]);
  const costs = lines.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  return {
    ...(output && { output }),
    ...(errors && { errors }),
    completed: output?.lines ?? 0,
    failed: errors?.lines ?? 0,
    ...(costs.length > 0 && { cost: costs.reduce((total, cost) => total + cost, 0) }),
  };
}
