import type { OpenApiDocument, Operation } from "./open-api.ts";

/** One operation with all its paths. */
export interface Topic {
  /** In capitals. */
  readonly method: string;
  readonly paths: readonly string[];
  readonly operation: Operation;
}

/** An operation at several paths is described once. */
export function topicsOf(paths: OpenApiDocument["paths"]): readonly Topic[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  return [...Map.groupBy(operations, ({ operation }) => operation.summary).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ method: first.method, operation: first.operation, paths: same.map(({ path }) => path) }] : [];
  });
}

/** Whether it is answered without a key. */
export function isOpen({ security }: Operation): boolean {
  return security?.every((schemes) => Object.keys(schemes).length === 0) ?? false;
}
