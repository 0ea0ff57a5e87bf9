/** Comma, semicolon or tab, whichever the first line of a table has most of. */
export function delimiterOf(start: string): string {
  const [line = ""] = start.split(/[\r\n]/, 1);
  const counts = [",", ";", "\t"].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter;
}
