import type { Panel } from "./figures.ts";

export interface Plan {
  readonly rounds: number;
  /** Of load on each size in each round. */
  readonly seconds: number;
  /** Requests that each proxy answers before anything counts: little is left then that V8 would optimise. */
  readonly enough: number;
}

/** Something that grows, and what that costs. */
export interface Curve {
  readonly title: string;
  /** What the sizes count. */
  readonly sizes: string;
  measure(plan: Plan): Promise<readonly Panel[]>;
}
