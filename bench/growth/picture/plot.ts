import { amountAxis } from "../../../packages/eval/src/page/plots/axis.ts";
import { html, type Markup } from "../../../packages/eval/src/page/markup.ts";
import type { Figures, Panel, Series } from "../figures.ts";

/** Narrow, so that a phone shows letters at nearly their own size. */
const width = 480;
const height = 240;
/** Of two numbers below a plot. */
const leastDistance = 46;
const [left, right, top] = [58, 462, 66];
const lines = ["one", "two", "three", "four"] as const;

const style = html`<style>
  svg {
    --page: #fff;
    --edge: #d1d9e0;
    --text: #1f2328;
    --dim: #59636e;
    --rule: #e6eaef;
    --one: #0a5bb5;
    --two: #b3471d;
    --three: #1a7f37;
    --four: #7d3fc8;
  }
  @media (prefers-color-scheme: dark) {
    svg {
      --page: #0d1117;
      --edge: #3d444d;
      --text: #f0f6fc;
      --dim: #a3abb5;
      --rule: #262c36;
      --one: #6cb2ff;
      --two: #ff9a6b;
      --three: #4fc468;
      --four: #c79bff;
    }
  }
  text {
    font:
      13px system-ui,
      -apple-system,
      "Segoe UI",
      Roboto,
      Helvetica,
      Arial,
      sans-serif;
    fill: var(--text);
  }
  .title {
    font-size: 16px;
    font-weight: 600;
  }
  .dim {
    font-size: 12px;
    fill: var(--dim);
  }
  .page {
    fill: var(--page);
    stroke: var(--edge);
  }
  .rule {
    stroke: var(--rule);
  }
  .line {
    fill: none;
    stroke-width: 2;
  }
  .band {
    opacity: 0.16;
    stroke: none;
  }
  .line.one {
    stroke: var(--one);
  }
  .line.two {
    stroke: var(--two);
  }
  .line.three {
    stroke: var(--three);
  }
  .line.four {
    stroke: var(--four);
  }
  .band.one,
  circle.one {
    fill: var(--one);
  }
  .band.two,
  circle.two {
    fill: var(--two);
  }
  .band.three,
  circle.three {
    fill: var(--three);
  }
  .band.four,
  circle.four {
    fill: var(--four);
  }
</style>`;

/** The picture of a curve: its panels below each other, sizes to the right by their logarithm, medians as lines within their quartiles. */
export function plot({ title, sizes, panels }: Figures): string {
  const whole = 40 + panels.length * height;
  const words = `${title}: ${panels.map((panel) => panel.title).join("; ")}`;
  return `${html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="${whole}"
    viewBox="0 0 ${width} ${whole}"
    role="img"
    aria-label="${words}"
  >
    ${style}
    <rect class="page" width="${width}" height="${whole}" rx="6" />
    <text class="title" x="16" y="28">${title}</text>
    ${panels.map((panel, index) => html`<g transform="translate(0 ${30 + index * height})">${drawn(panel, sizes)}</g> `)}
  </svg> `}`;
}

function drawn({ title, series }: Panel, sizes: string): Markup {
  const points = series.flatMap((one) => one.points);
  const all = [...new Set(points.map(({ size }) => size))].toSorted((one, other) => one - other);
  const across = amountAxis(all, { from: left, to: right });
  const upwards = amountAxis(points.map(({ high }) => high).concat(points.map(({ low }) => Math.max(low, 1e-9))), {
    from: height - 38,
    to: top,
  });
  return html`<text x="16" y="24">${title}</text>
    ${series.length > 1 ? series.map((one, index) => legend(one, index)) : ""}
    ${upwards.ticks.map(({ value, label }) => html`<path class="rule" d="M${left} ${n(upwards.position(value))}H${right}" /><text class="dim" text-anchor="end" x="${left - 6}" y="${n(upwards.position(value) + 4)}">${label}</text>`)}
    ${labelled(all, (size) => across.position(size)).map((size) => html`<text class="dim" text-anchor="middle" x="${n(across.position(size))}" y="${height - 20}">${size.toLocaleString("en")}</text>`)}
    <text class="dim" text-anchor="end" x="${right}" y="${height - 4}">${sizes}</text>
    ${series.map((one, index) =>
      curve(
        one,
        lines[index] ?? "one",
        (size) => across.position(size),
        (value) => upwards.position(value),
      ),
    )}`;
}

type Place = (value: number) => number;

function curve({ points }: Series, kind: string, x: Place, y: Place): Markup {
  const at = (size: number, value: number): string => `${n(x(size))} ${n(y(Math.max(value, 1e-9)))}`;
  const upper = points.map(({ size, high }) => at(size, high));
  const lower = points.toReversed().map(({ size, low }) => at(size, low));
  return html`<path class="band ${kind}" d="M${[...upper, ...lower].join("L")}Z" />
    <path class="line ${kind}" d="M${points.map(({ size, median }) => at(size, median)).join("L")}" />
    ${points.map(({ size, median }) => html`<circle class="${kind}" cx="${n(x(size))}" cy="${n(y(median))}" r="3" />`)}`;
}

function legend({ name }: Series, index: number): Markup {
  const x = left + (index % 2) * 210;
  const y = 36 + Math.floor(index / 2) * 14;
  return html`<path class="line ${lines[index] ?? "one"}" d="M${x} ${y}h16" /><text
      class="dim"
      x="${x + 21}"
      y="${y + 4}"
      >${name}</text
    >`;
}

/** From the largest down, those whose numbers do not touch. */
function labelled(sizes: readonly number[], across: Place): readonly number[] {
  const kept: number[] = [];
  for (const size of sizes.toReversed()) {
    const next = kept.at(-1);
    if (next === undefined || across(next) - across(size) >= leastDistance) kept.push(size);
  }
  return kept;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
