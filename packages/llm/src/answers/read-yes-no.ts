import type { TokenChoice } from "../wire/read-answer.ts";

/**
 * The probability that the first word is yes, of the two words alone: all their spellings among the likely tokens are
 * added up. Undefined where neither is likely.
 */
export function readYesNo(tokens: readonly TokenChoice[]): number | undefined {
  const first = tokens.find(({ token }) => wordOf(token) !== "") ?? tokens[0];
  if (!first) return undefined;
  let yes = 0;
  let no = 0;
  for (const { token, logprob } of first.likely) {
    const word = wordOf(token);
    if (yesWords.has(word)) yes += Math.exp(Math.min(0, logprob));
    else if (noWords.has(word)) no += Math.exp(Math.min(0, logprob));
  }
  return yes + no > 0 ? yes / (yes + no) : undefined;
}

const yesWords: ReadonlySet<string> = new Set(["yes", "true"]);
const noWords: ReadonlySet<string> = new Set(["no", "false"]);

/** Characters of a token that are looked at; yes and no are shorter. */
const longestToken = 40;

/** Without the signs that tokenizers put for a space, quotes, punctuation and case. */
function wordOf(token: string): string {
  return token
    .slice(0, longestToken)
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]|Ġ|▁/gu, "")
    .toLowerCase();
}
