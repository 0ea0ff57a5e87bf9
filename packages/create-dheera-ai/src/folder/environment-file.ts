/** Variables as `.env` has them, each with what it is for. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly comment: string;
  /** Made here: an example shows none. */
  readonly isSecret?: boolean;
  /** Shown as a comment until somebody fills it in. */
  readonly isWanted?: boolean;
}

/** `.env`, or with `asExample` what can be committed: the same variables without what is secret. */
export function environmentFile(variables: readonly Variable[], asExample: boolean): string {
  const head = asExample
    ? "# Copy this file to .env and fill it in. .env is never committed.\n"
    : "# Secrets of this folder: for this machine alone, never committed (.gitignore).\n";
  const blocks = variables.map(({ name, value, comment, isSecret, isWanted }) => {
    const line = `${name}=${asExample && isSecret ? "" : value}`;
    return `\n# ${comment}\n${isWanted && !asExample ? `# ${line}` : line}\n`;
  });
  return head + blocks.join("");
}

/**
 * A file of variables with those that it lacks added at its end; what it has stays as it is. What somebody has to fill
 * in is added as the comment that it is, once.
 */
export function addMissing(text: string, wanted: string): string {
  const namesIn = (pattern: RegExp): ReadonlySet<string | undefined> =>
    new Set([...text.matchAll(pattern)].map(([, name]) => name));
  const has = namesIn(/^\s*(?:export\s+)?(\w+)\s*=/gm);
  const hasAsComment = namesIn(/^#\s*(\w+)=/gm);
  const missing = [...wanted.matchAll(/^# .*\n(# )?(\w+)=.*\n/gm)].filter(
    ([, isComment, name]) => !has.has(name) && !(isComment && hasAsComment.has(name)),
  );
  if (missing.length === 0) return text;
  return `${text.replace(/\n*$/, "\n")}\n${missing.map(([block]) => block).join("\n")}`;
}
