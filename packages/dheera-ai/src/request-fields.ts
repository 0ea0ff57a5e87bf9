import type { RerankRequest } from "@dheera-ai/core";

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

/**
 * The fields of a request that an adapter of a framework does not decide itself, under their names in the spelling of
 * JavaScript: `topN` for `top_n`, `minScore`, `apiBase`. What an object among them holds keeps the names of the API.
 */
export type CamelCaseFields<Decided extends keyof RerankRequest> = {
  readonly [Field in keyof Omit<RerankRequest, Decided> as CamelCase<Field>]: RerankRequest[Field];
};

/** The same fields under the names of the API, which the library checks; one that is undefined is left out. */
export function toRequestFields(fields: Partial<CamelCaseFields<never>>): Readonly<Record<string, unknown>> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [snakeCase(name), value]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
