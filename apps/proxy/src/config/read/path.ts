import type * as v from "valibot";

/** Steps into the data: names of keys and positions in lists. */
export type Path = readonly (string | number)[];

/** `model_list[0].dheera_ai_params.timeout` */
export function keyOf(path: Path): string {
  return path.reduce<string>((key, step) => {
    if (typeof step === "number") return `${key}[${step}]`;
    return key === "" ? step : `${key}.${step}`;
  }, "");
}

/** Where in the data a schema found a problem. */
export function pathOf(issue: v.BaseIssue<unknown>): Path {
  return (issue.path ?? []).flatMap(({ key }) => (typeof key === "string" || typeof key === "number" ? [key] : []));
}

/** Whether the path is that of `general_settings.keys[n].key`. */
export function isCallerKey([section, name, , part]: Path): boolean {
  return section === "general_settings" && name === "keys" && part === "key";
}
