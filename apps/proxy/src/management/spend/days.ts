const milliseconds = 86_400_000;

/** When a day of UTC, `2026-11-27`, begins. */
export function dayBegin(day: string): number {
  return Date.parse(day);
}

/** When the day after it begins. */
export function dayAfter(day: string): number {
  return Date.parse(day) + milliseconds;
}
