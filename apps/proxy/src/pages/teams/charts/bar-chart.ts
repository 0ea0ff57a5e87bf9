import { element } from "../../browser/element.ts";
import { ticksUpTo } from "./axis.ts";

const svg = "http://www.w3.org/2000/svg";
const barWidth = 10;
const gap = 2;
const height = 100;

export interface BarChartOptions {
  readonly title: string;
  /** The sum or the mean of all bars, as it stands above them. */
  readonly total: string;
  readonly values: readonly number[];
  readonly labels: readonly string[];
  /** Whole numbers only. */
  readonly isCounted?: boolean;
  /** What is bad when there is much of it. */
  readonly isBad?: boolean;
  format(value: number): string;
  formatShort(value: number): string;
}

/**
 * Bars over time. Only the bars are an SVG, which is stretched to the width that there is; letters are HTML, so that they are as
 * large on a phone as everywhere.
 */
export class BarChart {
  readonly place: HTMLElement;
  readonly #options: BarChartOptions;
  readonly #bars: readonly SVGRectElement[];
  readonly #figure = element("span", { class: "figure" });
  readonly #note = element("span", { class: "quiet" });

  /** @param pointed called with the bar that is pointed at; undefined: none any more */
  constructor(options: BarChartOptions, pointed: (index: number | undefined) => void) {
    this.#options = options;
    const { title, values, labels, isCounted = false, isBad = false, formatShort } = options;
    const ticks = ticksUpTo(Math.max(0, ...values), isCounted);
    const most = ticks.at(-1) ?? 1;
    this.#bars = values.map((value, index) => barOf(index, (value / most) * height));
    const picture = make("svg", {
      viewBox: `0 0 ${Math.max(1, values.length) * barWidth} ${height}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    });
    picture.append(...ticks.map((tick) => lineAt(height - (tick / most) * height, values.length)), ...this.#bars);
    const plot = element("div", { class: "plot" }, picture);
    const point = (event: PointerEvent): void => {
      const { left, width } = plot.getBoundingClientRect();
      const index = Math.floor(((event.clientX - left) / width) * values.length);
      pointed(Math.min(values.length - 1, Math.max(0, index)));
    };
    plot.addEventListener("pointermove", point);
    plot.addEventListener("pointerdown", point);
    plot.addEventListener("pointerleave", () => pointed(undefined));
    const shown = ticks.length > 4 ? ticks.filter((_, index) => index % 2 === 0) : ticks;
    const scale = element(
      "div",
      { class: "scale", "aria-hidden": "true" },
      ...shown.map((tick) => {
        const label = element("span", {}, formatShort(tick));
        label.style.setProperty("--height", String(tick / most));
        return label;
      }),
    );
    const ends = element(
      "div",
      { class: "ends", "aria-hidden": "true" },
      element("span", {}, labels[0] ?? ""),
      element("span", {}, labels.at(-1) ?? ""),
    );
    this.place = element(
      "figure",
      { class: "chart", ...(isBad && { "data-bad": "" }) },
      element("figcaption", {}, element("span", { class: "what" }, title), this.#figure, this.#note),
      scale,
      plot,
      ends,
    );
    this.select(undefined);
  }

  /** Says the value of a bar in place of the total. */
  select(index: number | undefined): void {
    const { values, labels, total, format } = this.#options;
    const value = index === undefined ? undefined : values[index];
    for (const [position, bar] of this.#bars.entries()) bar.toggleAttribute("data-selected", position === index);
    this.#figure.textContent = value === undefined ? total : format(value);
    this.#note.textContent = value === undefined || index === undefined ? "in all" : (labels[index] ?? "");
  }
}

function barOf(index: number, length: number): SVGRectElement {
  return make("rect", {
    x: String(index * barWidth + gap / 2),
    width: String(barWidth - gap),
    // A little that was spent is not nothing.
    y: String(height - (length > 0 ? Math.max(length, 1) : 0)),
    height: String(length > 0 ? Math.max(length, 1) : 0),
  });
}

function lineAt(y: number, bars: number): SVGLineElement {
  return make("line", {
    x1: "0",
    x2: String(Math.max(1, bars) * barWidth),
    y1: String(y),
    y2: String(y),
    "vector-effect": "non-scaling-stroke",
  });
}

function make<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(svg, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
