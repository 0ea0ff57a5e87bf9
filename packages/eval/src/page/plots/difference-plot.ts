import { type Markup, html } from "../markup.ts";
import { difference } from "../numbers.ts";
import { linearAxis } from "./axis.ts";

/** How much a model is better on one query than the baseline is. */
export interface QueryDifference {
  readonly id: string;
  /** What to say of it: the query's text. */
  readonly label: string;
  readonly difference: number;
  /** Where the page shows its rankings. */
  readonly anchor?: string;
}

interface DifferencePlot {
  readonly differences: readonly QueryDifference[];
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

/** A bar for each query, best first. */
export function differencePlot({ differences, title, width, height }: DifferencePlot): Markup {
  const bars = inColumns(differences.toSorted((one, other) => other.difference - one.difference));
  const upwards = linearAxis([0, ...bars.map((bar) => bar.difference)], { from: height - 8, to: 8 });
  const left = 52;
  const room = (width - left - 4) / bars.length;
  const zero = upwards.position(0);
  // A picture with links in it is no single image for those who cannot see it.
  return html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="group"
    aria-label="${title}"
  >
    ${upwards.ticks.map(({ value, label }) => {
      const y = upwards.position(value);
      return html`<path class="rule" d="M${left} ${n(y)}H${width}" /><text
          x="${left - 7}"
          y="${n(y + 4)}"
          text-anchor="end"
          >${value > 1e-9 ? `+${label}` : label.replace("-", "−")}</text
        >`;
    })}
    ${bars.map((bar, index) => drawn(bar, left + index * room, room, zero, upwards.position(bar.difference)))}
    <path class="ground" d="M${left} ${n(zero)}H${width}" />
  </svg>`;
}

/** Bars that are thinner than a pixel cannot be told apart. */
const mostBars = 300;

/** How many queries one bar of the plot stands for. */
export function queriesOfABar(queries: number): number {
  return Math.max(1, Math.ceil(queries / mostBars));
}

/** As they are, or the mean of neighbours. */
function inColumns(sorted: readonly QueryDifference[]): readonly QueryDifference[] {
  const each = queriesOfABar(sorted.length);
  if (each === 1) return sorted;
  return Array.from({ length: Math.ceil(sorted.length / each) }, (_, index) => {
    const part = sorted.slice(index * each, (index + 1) * each);
    const mean = part.reduce((sum, one) => sum + one.difference, 0) / part.length;
    return { id: String(index), label: `${part.length} queries, mean`, difference: mean };
  });
}

function drawn(bar: QueryDifference, x: number, room: number, zero: number, end: number): Markup {
  const space = room > 4 ? 1 : 0;
  const top = Math.min(zero, end);
  // A query without a difference has a place too, which shows that it was measured.
  const tall = Math.max(1, Math.abs(zero - end));
  const kind = bar.difference > 0 ? "better" : bar.difference < 0 ? "worse" : "equal";
  const shape = html`<rect
    class="${kind}"
    x="${n(x)}"
    y="${n(top)}"
    width="${n(Math.max(0.5, room - space))}"
    height="${n(tall)}"
    ><title>${difference(bar.difference)} · ${bar.label}</title></rect
  >`;
  if (bar.anchor === undefined) return shape;
  return html`<a href="#${bar.anchor}" tabindex="-1" aria-hidden="true">${shape}</a>`;
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
