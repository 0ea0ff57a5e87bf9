import { type Markup, html } from "../markup.ts";
import { shortName } from "../shown-text.ts";
import { type Axis, amountAxis, linearAxis } from "./axis.ts";
import { paretoFront } from "./pareto-front.ts";
import { type Box, placeLabels } from "./place-labels.ts";

/** A model in a plot of quality against an amount. */
export interface Point {
  readonly name: string;
  readonly isBaseline: boolean;
  /** The amount: dollars, milliseconds. */
  readonly amount: number;
  /** A thin line to here: the slowest requests. */
  readonly amountUpTo?: number;
  readonly quality: number;
  /** Where the quality may as well be. */
  readonly low: number;
  readonly high: number;
}

interface ScatterPlot {
  readonly points: readonly Point[];
  /** What it shows, for those who cannot see it. */
  readonly title: string;
  readonly amountLabel: string;
  readonly qualityLabel: string;
  /** Units of the picture, about a pixel each. */
  readonly width: number;
  readonly height: number;
}

/**
 * Quality against an amount of which less is better, with the front of models that no other one beats in both. Drawn
 * for one width, because letters of a picture that is made smaller cannot be read.
 */
export function scatterPlot(plot: ScatterPlot): Markup {
  const { points, width, height } = plot;
  const frame = {
    x: margin.left,
    y: margin.top,
    width: width - margin.left - margin.right,
    height: height - margin.top - margin.bottom,
  };
  const right = frame.x + frame.width;
  const bottom = frame.y + frame.height;
  const amounts = points.flatMap(({ amount, amountUpTo }) => [amount, amountUpTo ?? amount]);
  const across = amountAxis(amounts, { from: frame.x, to: right });
  const upwards = linearAxis(
    points.flatMap(({ low, high, quality }) => [low, high, quality]),
    { from: bottom, to: frame.y },
    1,
  );
  const front = paretoFront(points.map((point) => ({ ...point, cost: point.amount })));
  const isOnFront = new Set(front.map(({ name }) => name));
  const placed = points.map((point) => ({
    name: point.name,
    isBaseline: point.isBaseline,
    x: across.position(point.amount),
    y: upwards.position(point.quality),
    end: across.position(point.amountUpTo ?? point.amount),
    top: upwards.position(point.high),
    foot: upwards.position(point.low),
  }));
  const steps = placed.filter(({ name }) => isOnFront.has(name)).toSorted((one, other) => one.x - other.x);
  const names = placed.map(
    ({ name, isBaseline }) => `${shortName(name, width < 400 ? 20 : 28)}${isBaseline ? " (baseline)" : ""}`,
  );
  const labels = placeLabels(
    placed.map(({ x, y }, index) => ({ x, y, width: widthOf(names[index] ?? ""), height: letterHeight })),
    placed
      .flatMap(({ x, y, end, top, foot }) => [
        { x: x - 6, y: y - 6, width: 12, height: 12 },
        { x: x - 2, y: top, width: 4, height: foot - top },
        { x, y: y - 1.5, width: end - x, height: 3 },
      ])
      .concat(linesOf(steps)),
    { x: frame.x, y: 2, width: width - frame.x - 2, height: bottom - 4 },
  );
  return html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${plot.title}"
  >
    ${rules(across, upwards, frame)}
    <text class="axis" x="${frame.x}" y="14">${plot.qualityLabel}</text>
    <text class="axis" x="${right}" y="${height - 6}" text-anchor="end">
      ${plot.amountLabel}${across.logarithmic ? ", on a logarithmic scale" : ""}
    </text>
    <path class="front" d="${stairs(steps)}" />
    ${placed.map(
      ({ x, y, end, top, foot, name }) =>
        html`<g class="point">
          <path d="M${n(x)} ${n(top)}V${n(foot)}M${n(x - 4)} ${n(top)}h8M${n(x - 4)} ${n(foot)}h8" />
          ${end > x ? html`<path class="slow" d="M${n(x)} ${n(y)}H${n(end)}M${n(end)} ${n(y - 3)}v6" />` : undefined}
          <circle class="${isOnFront.has(name) ? "best" : "beaten"}" cx="${n(x)}" cy="${n(y)}" r="5" />
        </g>`,
    )}
    ${placed.map((point, index) => writtenName(names[index] ?? "", labels[index], point))}
  </svg>`;
}

const margin = { left: 44, right: 14, top: 26, bottom: 42 };
const letterHeight = 15;

function rules(across: Axis, upwards: Axis, frame: Box): readonly Markup[] {
  const bottom = frame.y + frame.height;
  return [
    ...upwards.ticks.map(({ value, label }) => {
      const y = upwards.position(value);
      return html`<path class="rule" d="M${n(frame.x)} ${n(y)}h${n(frame.width)}" /><text
          x="${n(frame.x - 7)}"
          y="${n(y + 4)}"
          text-anchor="end"
          >${label}</text
        >`;
    }),
    ...across.ticks.map(({ value, label }) => {
      const x = across.position(value);
      return html`<path class="tick" d="M${n(x)} ${n(bottom)}v5" /><text
          x="${n(x)}"
          y="${n(bottom + 18)}"
          text-anchor="middle"
          >${label}</text
        >`;
    }),
    html`<path class="ground" d="M${n(frame.x)} ${n(bottom)}h${n(frame.width)}" />`,
    ...(across.gap === undefined
      ? []
      : [html`<path class="gap" d="M${n(across.gap)} ${n(frame.y)}V${n(bottom + 5)}" />`]),
  ];
}

/** What one gets for at most so much: level until the next better model. */
function stairs(front: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...others] = front;
  if (first === undefined) return "";
  return `M${n(first.x)} ${n(first.y)}${others.map(({ x, y }) => `H${n(x)}V${n(y)}`).join("")}`;
}

/** The same, as what names had better not cover. */
function linesOf(front: readonly { readonly x: number; readonly y: number }[]): readonly Box[] {
  return front.slice(1).flatMap(({ x, y }, index) => {
    const before = front[index] ?? { x, y };
    return [
      { x: before.x, y: before.y - 1, width: x - before.x, height: 2 },
      { x: x - 1, y, width: 2, height: before.y - y },
    ];
  });
}

function writtenName(
  text: string,
  box: Box | undefined,
  { x, y }: { readonly x: number; readonly y: number },
): Markup | undefined {
  if (box === undefined) return undefined;
  const nearX = Math.max(box.x, Math.min(x, box.x + box.width));
  const nearY = Math.max(box.y, Math.min(y, box.y + box.height));
  const isFar = Math.hypot(nearX - x, nearY - y) > 14;
  return html`${isFar ? html`<path class="leader" d="M${n(x)} ${n(y)}L${n(nearX)} ${n(nearY)}" />` : undefined}<text
      class="name"
      x="${n(box.x)}"
      y="${n(box.y + 11.5)}"
      >${text}</text
    >`;
}

/** About, and rather too wide: fonts differ between machines. */
function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) > 0x2e80 ? 13 : 7), 4);
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
