import type { Panel } from "./figures.ts";

/** A Markdown table with a row for each size: medians, with quartiles in brackets. */
export function printPanel(sizesName: string, { title, series }: Panel): void {
  const sizes = new Set(series.flatMap(({ points }) => points.map(({ size }) => size)));
  console.log(`\n${title}:\n`);
  console.log(`| ${[sizesName, ...series.map(({ name }) => name)].join(" | ")} |`);
  console.log(`|${"---:|".repeat(series.length + 1)}`);
  for (const size of [...sizes].toSorted((one, other) => one - other)) {
    const cells = series.map(({ points }) => {
      const point = points.find((other) => other.size === size);
      return point ? `${short(point.median)} (${short(point.low)}–${short(point.high)})` : "";
    });
    console.log(`| ${[size.toLocaleString("en"), ...cells].join(" | ")} |`);
  }
}

/** Three digits that count. */
function short(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
