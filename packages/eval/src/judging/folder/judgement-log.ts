import { type FileHandle, open } from "node:fs/promises";

import * as v from "valibot";

import { refusal } from "../../collections/files/refusal.ts";
import type { Judgement } from "../judgements.ts";

/** Judgements in a file, a line each, which are on the disk when `append` has returned. */
export interface JudgementLog extends AsyncDisposable {
  /** What it held when it was opened, oldest first. */
  readonly earlier: readonly Judgement[];
  append(judgement: Judgement): Promise<void>;
}

/**
 * Opens the file, or makes it. What a crash left of a last line is cut off.
 * @throws DheeraError `invalid_request` naming the line that is no judgement
 */
export async function openJudgementLog(path: string): Promise<JudgementLog> {
  const file = await open(path, "a+");
  try {
    const whole = await file.readFile();
    // Bytes, because a line that was torn may end within a character.
    let size = whole.lastIndexOf(lineEnd) + 1;
    const earlier = parse(whole.subarray(0, size).toString("utf8"), path);
    if (size < whole.length) await file.truncate(size);
    return {
      earlier,
      async append(judgement) {
        const line = Buffer.from(`${JSON.stringify(judgement)}\n`);
        try {
          await file.appendFile(line);
          await file.datasync();
        } catch (error) {
          await cutTo(file, size);
          throw error;
        }
        size += line.length;
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const lineEnd = "\n".charCodeAt(0);

/** The disk is full, say: half a line would make one of the next. */
async function cutTo(file: FileHandle, size: number): Promise<void> {
  await file.truncate(size).catch(() => {});
}

const judgementSchema = v.object({
  query: v.string(),
  document: v.string(),
  verdict: v.picklist([0, 1, 2, "skipped"]),
});

function parse(text: string, path: string): readonly Judgement[] {
  return text.split("\n").flatMap((line, index) => (line === "" ? [] : [parseLine(line, path, index + 1)]));
}

function parseLine(line: string, path: string, number: number): Judgement {
  const checked = v.safeParse(judgementSchema, jsonOf(line));
  if (!checked.success) throw refusal(path, number, "it is no judgement; take the line out to go on");
  return checked.output;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
