import * as v from "valibot";

import { type Clearable, flag, lines, metadata } from "./field-kinds.ts";

/** What every object with a name has besides its limits. */
export interface DescribedFields {
  readonly metadata?: Clearable<Record<string, unknown>>;
  readonly tags?: Clearable<string[]>;
  readonly blocked?: Clearable<boolean>;
}

export const describedEntries = {
  metadata: v.nullish(metadata("Anything you want to remember with it.")),
  tags: v.nullish(lines("Words by which its spend is summed up.", 50)),
  blocked: v.nullish(flag("Lets nobody in who belongs to it.")),
} as const satisfies v.ObjectEntries;

/** The columns that a body gives; what is absent in it is absent here. */
export function describedColumns({ metadata: given, tags, blocked }: DescribedFields): {
  readonly metadata?: string;
  readonly tags?: string;
  readonly blocked?: number;
} {
  return {
    ...(given !== undefined && { metadata: JSON.stringify(given ?? {}) }),
    ...(tags !== undefined && { tags: JSON.stringify(tags ?? []) }),
    ...(blocked !== undefined && { blocked: Number(blocked ?? false) }),
  };
}
