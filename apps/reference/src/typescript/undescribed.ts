import { type DeclarationReflection, ReflectionKind } from "typedoc";

import type { Program } from "./read-program.ts";

/** Exported names without a description, as `page: name`. */
export function undescribed({ modules }: Program): readonly string[] {
  return [...modules].flatMap(([page, { children = [] }]) =>
    children.filter((child) => !isDescribed(child)).map(({ name }) => `${page}: ${name}`),
  );
}

/** What is exported again is described where it comes from; a function is by its signature. */
function isDescribed(child: DeclarationReflection): boolean {
  if (child.kindOf(ReflectionKind.Reference) || child.hasComment()) return true;
  const inner = child.type?.type === "reflection" ? child.type.declaration.signatures : undefined;
  return [...(child.signatures ?? []), ...(inner ?? [])].some((signature) => signature.hasComment());
}
