import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as v from "valibot";

const pointSchema = v.object({
  size: v.number(),
  /** Quartiles over the rounds. */
  low: v.number(),
  median: v.number(),
  high: v.number(),
});

const figuresSchema = v.object({
  title: v.string(),
  /** What the sizes count. */
  sizes: v.string(),
  panels: v.array(
    v.object({
      /** What is drawn upwards, with its unit. */
      title: v.string(),
      series: v.array(v.object({ name: v.string(), points: v.array(pointSchema) })),
    }),
  ),
  /** What the figures were measured on. */
  conditions: v.object({
    date: v.string(),
    commit: v.string(),
    node: v.string(),
    processors: v.number(),
    /** Programs that waited for a processor, on average over a minute, before and after. */
    load: v.tuple([v.number(), v.number()]),
    rounds: v.number(),
    seconds: v.number(),
  }),
});

/** One of the growing things, measured at several sizes: all that its picture shows. */
export type Figures = v.InferOutput<typeof figuresSchema>;
/** A figure by size: the part of a picture with an axis of its own. */
export type Panel = Figures["panels"][number];
export type Series = Panel["series"][number];
export type Point = v.InferOutput<typeof pointSchema>;

export function readFigures(curve: string): Figures {
  return v.parse(figuresSchema, JSON.parse(readFileSync(figuresFile(curve), "utf8")));
}

export function writeFigures(curve: string, figures: Figures): void {
  writeFileSync(figuresFile(curve), `${JSON.stringify(figures, undefined, 2)}\n`);
}

export function figuresFile(curve: string): string {
  return join(import.meta.dirname, "figures", `${curve}.json`);
}
