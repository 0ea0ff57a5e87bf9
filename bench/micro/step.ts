import { documentsOf } from "../proxy/load/shapes.ts";

/** A pure step of a request, with all that it works on. */
export interface Step {
  readonly name: string;
  readonly documents: number;
  readonly run: () => unknown;
}

/** How many documents steps are measured with. */
export const counts = [100, 1_000, 10_000] as const;

/** Different texts of half a kilobyte. */
export function textsOf(documents: number): readonly string[] {
  return documentsOf({ documents, bytes: 500 });
}

/** Numbers from 0 up to 1 in no order, the same in every run. */
export function scoresOf(documents: number): Float64Array {
  const golden = (Math.sqrt(5) - 1) / 2;
  return Float64Array.from({ length: documents }, (_, position) => (position * golden) % 1);
}
