/** How a model is asked: to order windows one after the other, or groups in rounds, to judge each document, or to grade batches. */
export const modes = ["listwise", "tournament", "pointwise", "graded"] as const;
export type Mode = (typeof modes)[number];
