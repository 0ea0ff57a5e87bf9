import type { Budget } from "./budget.ts";
import { readText } from "./read-text.ts";
import { refusal } from "./refusal.ts";

/**
 * Calls back with each line of a file that is not blank, and its number from 1; the file need not fit into memory.
 * @throws DheeraError `invalid_request` where it cannot be read, is not UTF-8 or has a line beyond all measure.
 */
export async function readLines(
  file: string,
  budget: Budget,
  take: (line: string, number: number) => void,
): Promise<void> {
  let number = 0;
  let rest = "";
  const takeLine = (line: string): void => {
    number++;
    if (line.trim() === "") return;
    budget.spendEntry(file);
    take(line.endsWith("\r") ? line.slice(0, -1) : line, number);
  };
  await readText(file, budget, (part) => {
    let start = 0;
    for (let end = part.indexOf("\n"); end !== -1; end = part.indexOf("\n", start)) {
      takeLine(rest + part.slice(start, end));
      rest = "";
      start = end + 1;
    }
    rest += part.slice(start);
    if (rest.length > longestLine)
      throw refusal(file, number + 1, `the line has more than ${longestLine / 1e6} million characters; cut its text`);
  });
  takeLine(rest);
}

const longestLine = 16_000_000;
