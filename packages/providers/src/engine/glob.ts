/**
 * Whether a text matches a glob whose only special character is `*`, any number of characters. Each part is looked for
 * once, from left to right, so that no glob of a configuration can cost more than the text is long.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const [start = "", ...parts] = glob.split("*");
  const end = parts.pop();
  if (end === undefined) return glob === text;
  if (!text.startsWith(start)) return false;
  let from = start.length;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return text.length - end.length >= from && text.endsWith(end);
}
