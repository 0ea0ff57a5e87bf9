/** Ranks some documents of a call, named by their indices: best first, each exactly once. */
export type RankWindow = (indices: readonly number[], signal: AbortSignal) => Promise<readonly number[]>;

export interface Sliding {
  readonly window: number;
  readonly step: number;
  readonly passes: number;
}

/**
 * A window slides from the end of the list to its beginning, and what it ranks high is carried along: one prompt after
 * the other, 1 + ⌈(documents − window) / step⌉ of them in a pass, after which the best `window − step` are at the top if
 * the model judges alike every time. Further passes begin with the order of the one before; they end where one changes
 * nothing.
 */
export async function slideWindow(
  count: number,
  { window, step, passes }: Sliding,
  signal: AbortSignal,
  rank: RankWindow,
): Promise<readonly number[]> {
  let order: readonly number[] = Array.from({ length: count }, (_, index) => index);
  for (let pass = 0; pass < passes; pass++) {
    const before = order;
    for (let end = count; end > 0; end = end > window ? Math.max(window, end - step) : 0) {
      const start = Math.max(0, end - window);
      const ranked = await rank(order.slice(start, end), signal);
      order = [...order.slice(0, start), ...ranked, ...order.slice(end)];
    }
    if (count <= window || order.every((index, position) => index === before[position])) break;
  }
  return order;
}
