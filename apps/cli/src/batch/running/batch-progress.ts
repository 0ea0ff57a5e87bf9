import { drawBar } from "../../drawing/score-bar.ts";

/** How far a batch is, for people. */
export interface BatchProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** A second, over the last while; undefined before anything is known. */
  readonly pairsPerSecond: number | undefined;
  /** Until it ends. */
  readonly secondsLeft: number | undefined;
  /** US dollars. */
  readonly cost: number | undefined;
  readonly pausedFor: string | undefined;
}

/** @param width columns of the terminal; without a bar where it is absent */
export function describeBatch(progress: BatchProgress, width = 0): string {
  const { done, total, failed, pairsPerSecond, secondsLeft, cost, pausedFor } = progress;
  const share = total === 0 ? 0 : done / total;
  const bar = width < 90 ? "" : `${drawBar(share, barWidth).padEnd(barWidth, "░")} `;
  return [
    `${bar}${whole(done)} of ${whole(total)} requests`,
    ...(failed > 0 ? [`${whole(failed)} failed`] : []),
    ...(pairsPerSecond === undefined ? [] : [`${rate(pairsPerSecond)} pairs/s`]),
    ...(cost !== undefined && cost > 0 ? [dollars(cost)] : []),
    ...(pausedFor !== undefined
      ? [`paused: ${pausedFor}`]
      : secondsLeft !== undefined
        ? [`${duration(secondsLeft)} left`]
        : []),
  ].join(" · ");
}

const barWidth = 20;

export function whole(count: number): string {
  return count.toLocaleString("en");
}

export function dollars(amount: number): string {
  return `$${Number(amount.toPrecision(3))}`;
}

export function rate(perSecond: number): string {
  return perSecond >= 10 ? whole(Math.round(perSecond)) : String(Number(perSecond.toPrecision(2)));
}

/** `45 s`, `12 min`, `3 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
