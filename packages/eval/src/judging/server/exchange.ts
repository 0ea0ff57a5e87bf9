import type { Judgement, Verdict } from "../judgements.ts";

// What the page and its server say to each other.

export interface JudgingState {
  /** How many judgements have been made. */
  readonly revision: number;
  readonly nextCommand: string;
  readonly queries: readonly StateOfQuery[];
}

export interface StateOfQuery {
  readonly id: string;
  readonly text: string;
  /** In the order in which they are judged; null where nobody has judged. */
  readonly documents: readonly { readonly id: string; readonly verdict: Verdict | null }[];
}

export interface DocumentText {
  readonly title: string;
  readonly text: string;
}

/** A judgement that somebody makes. */
export interface NewJudgement extends Judgement {
  /** What the page said of the pair before. */
  readonly seen: Verdict | null;
  /** The revision that the page knows. */
  readonly since: number;
}

/** What was judged since a revision, in all tabs. */
export interface Changes {
  readonly revision: number;
  readonly judgements: readonly Judgement[];
}

export interface Refusal {
  readonly error: string;
}
