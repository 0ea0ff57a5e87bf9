/** The time zones in whose days somebody can look: UTC first, and their own. */
export function zonesOffered(own: string, chosen: string): readonly string[] {
  return [...new Set(["UTC", own, chosen])];
}

/** The zone of an address, or UTC where it is none that this browser knows. */
export function zoneNamed(name: string | undefined): string {
  if (name === undefined) return "UTC";
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

/** The midnight in UTC of the day that clocks of a zone show, so that days are counted alike in each. */
export function todayIn(zone: string, now: number): number {
  const shown = new Intl.DateTimeFormat("en-US", { timeZone: zone, year: "numeric", month: "numeric", day: "numeric" });
  const parts = new Map(shown.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.get("year") ?? 1970, (parts.get("month") ?? 1) - 1, parts.get("day") ?? 1);
}
