import { stat } from "node:fs/promises";
import { join } from "node:path";

import type { ModelDescription } from "../model/description.ts";

/** What tells whether the files that a child loads are still those that the model's fingerprint was made from. Empty where one is missing. */
export async function fileStamps({ folder, weights, tokenizer }: ModelDescription): Promise<string> {
  const files = [weights.path, tokenizer, ...weights.externalData.map((file) => join(folder, file))];
  try {
    const stamps = files.map(async (file) => {
      const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
      return `${dev} ${ino} ${size} ${mtimeNs}`;
    });
    return (await Promise.all(stamps)).join("\n");
  } catch {
    return "";
  }
}
