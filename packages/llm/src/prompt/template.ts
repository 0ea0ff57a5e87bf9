import type { Mode } from "../options/mode.ts";

/** What a template may hold in braces. Other braces, such as those of JSON, are text. */
const placeholder = /\{([a-z_]+)\}/g;

/** Says what is wrong with a template of the operator's own; undefined where nothing is. */
export function checkTemplate(template: string, mode: Mode): string | undefined {
  const { needed, allowed } = placeholdersOf(mode);
  const used = new Set([...template.matchAll(placeholder)].map(([, name = ""]) => name));
  const missing = needed.filter((name) => !used.has(name));
  if (missing.length > 0)
    return `must hold ${missing.map(inBraces).join(" and ")}, where the request's texts are put with mode: ${mode}`;
  const unknown = [...used].find((name) => !allowed.includes(name));
  if (unknown === undefined) return undefined;
  return `holds ${inBraces(unknown)}, which is not known; with mode: ${mode} there are ${allowed.map(inBraces).join(", ")}`;
}

/** The template with these values. A value is never looked at for placeholders, whatever it holds. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(placeholder, (whole, name: string) => values[name] ?? whole);
}

/** Whether a template has a place for an instruction. */
export function takesInstruction(template: string): boolean {
  return template.includes("{instruction}");
}

function placeholdersOf(mode: Mode): { readonly needed: readonly string[]; readonly allowed: readonly string[] } {
  if (mode === "pointwise") return { needed: ["query", "document"], allowed: ["query", "document", "instruction"] };
  return { needed: ["query", "documents"], allowed: ["query", "documents", "instruction", "count"] };
}

function inBraces(name: string): string {
  return `{${name}}`;
}
