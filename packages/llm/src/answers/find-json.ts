/** Deeper than any answer. */
const deepest = 16;
/** Characters that are looked at over all tries, so that signs which open and never close cost no more than this. */
const mostSteps = 4_000_000;

interface Found {
  readonly value: unknown;
  readonly start: number;
}

/**
 * Every JSON object and list in a text, wherever it stands: in a fence of Markdown, between sentences, more than one. In
 * the order of the text, and none that lies in another one. Looks from the end on, where answers stand: a text that holds
 * too much to look at loses what comes first.
 */
export function findJson(text: string): readonly unknown[] {
  /** The first of the text is the last of these. */
  const found: Found[] = [];
  let steps = 0;
  for (let start = text.length - 1; start >= 0 && steps < mostSteps; start--) {
    const sign = text[start];
    if (sign !== "{" && sign !== "[") continue;
    const end = endOfValue(text, start, mostSteps - steps);
    steps += (end ?? text.length) - start;
    if (end === undefined) continue;
    const value = parse(text.slice(start, end));
    if (value === undefined) continue;
    while ((found.at(-1)?.start ?? end) < end) found.pop();
    found.push({ value, start });
  }
  return found.toReversed().map(({ value }) => value);
}

/** Undefined for braces of a sentence. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where the value that begins here ends, by its brackets; undefined where it does not within so many characters. */
function endOfValue(text: string, start: number, most: number): number | undefined {
  const last = Math.min(text.length, start + most);
  let depth = 0;
  let isString = false;
  for (let position = start; position < last; position++) {
    const sign = text[position];
    if (isString) {
      if (sign === "\\") position++;
      else if (sign === '"') isString = false;
    } else if (sign === '"') isString = true;
    else if (sign === "{" || sign === "[") {
      if (++depth > deepest) return undefined;
    } else if ((sign === "}" || sign === "]") && --depth === 0) return position + 1;
  }
  return undefined;
}
