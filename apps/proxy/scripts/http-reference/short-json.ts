const mostCharacters = 100;

/** JSON in which what fits into a line stands in one, and the fields of larger objects share lines. */
export function shortJson(value: unknown, indent = ""): string {
  const line = oneLine(value);
  if (typeof value !== "object" || value === null || indent.length + line.length <= mostCharacters) return line;
  const deeper = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? value.map((item) => shortJson(item, deeper))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${shortJson(item, deeper)}`);
  return `${open}\n${filled(parts, deeper)}\n${indent}${close}`;
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

/** Short parts one after the other, as many as a line holds; what has lines of its own stands alone. */
function filled(parts: readonly string[], indent: string): string {
  const lines: string[] = [];
  let isOpen = false;
  parts.forEach((part, index) => {
    const text = index === parts.length - 1 ? part : `${part},`;
    const last = lines.at(-1) ?? "";
    const fits = isOpen && last.length + text.length < mostCharacters && !/^["\w]*:? ?[{[]/.test(part);
    if (fits && !part.includes("\n")) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(`${indent}${text}`);
    isOpen = !part.includes("\n") && !part.startsWith("{");
  });
  return lines.join("\n");
}
