/** Milliseconds between two looks at the deployments, where something changes. */
export const shortestPause = 2_000;
const longestPause = 30_000;
const growth = 1.5;

/** Milliseconds until the next look: longer each time nothing has changed. */
export function nextPause(pause: number, hasChanged: boolean): number {
  return hasChanged ? shortestPause : Math.min(longestPause, pause * growth);
}
