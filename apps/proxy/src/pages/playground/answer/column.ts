import { ColumnView } from "../compare/column-view.ts";
import { rankOf } from "../compare/movement.ts";
import type { Answer } from "../proxy-client.ts";
import { type Bars, barLengths } from "./bar-lengths.ts";

/** What came of asking one model. */
export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "failed"; readonly problem: string }
  | { readonly kind: "cancelled" };

/** An answer, with what is drawn of it. */
export interface Drawable {
  readonly answer: Answer;
  readonly bars: Bars;
  /** Indices of documents, best first. */
  readonly order: readonly number[];
  /** The rank of each document, from 0. */
  readonly ranks: ReadonlyMap<number, number>;
}

/** One of the models that are asked: its place on the page, and its answer once it is there. */
export class Column {
  readonly asked: string;
  readonly view: ColumnView;
  isSettled = false;
  drawable: Drawable | undefined;

  constructor(asked: string) {
    this.asked = asked;
    this.view = new ColumnView(asked);
  }

  settle(outcome: Outcome): void {
    this.isSettled = true;
    switch (outcome.kind) {
      case "answered":
        this.drawable = drawableOf(outcome.answer);
        return this.view.answer(outcome.answer);
      case "failed":
        return this.view.fail(outcome.problem, true);
      case "cancelled":
        return this.view.fail("Cancelled", false);
    }
  }
}

function drawableOf(answer: Answer): Drawable {
  const scores = answer.results.map(({ relevance_score }) => relevance_score);
  const order = answer.results.map(({ index }) => index);
  // The scores of an answer that is not ranked mean nothing.
  const bars = barLengths(scores, answer.isRanked ? answer.scoreKind : "rank");
  return { answer, bars, order, ranks: rankOf(order) };
}
