import type { Recording } from "./record.ts";
import type { Run, Style } from "./screen.ts";

const size = { character: 8.4, line: 20, margin: 16 };

/**
 * A recording as a picture that plays by itself: without scripts and fonts of its own, so that it plays within `<img>` too,
 * light or dark as the reader likes it, and still, at its end, for who wants no motion.
 */
export function drawSvg({ frames, length, text }: Recording, columns: number, label: string): string {
  const height = 2 * size.margin + size.line * (text.findLastIndex((row) => row !== "") + 1);
  const width = Math.ceil(2 * size.margin + size.character * columns);
  const animations = new Map<string, string>();
  const drawn = showings(frames).map(({ row, runs, from, to }) => {
    const leaves = to === undefined ? "" : `${percent(to, length)}{opacity:0}`;
    const steps = `0%{opacity:0}${percent(from, length)}{opacity:1}${leaves}`;
    const name = animations.get(steps) ?? `a${animations.size}`;
    animations.set(steps, name);
    const y = round(size.margin + size.line * (row + 0.7));
    const names = to === undefined ? name : `${name} passing`;
    return `<g class="${names}" data-row="${row}">${runs.map((run) => drawRun(run, y)).join("")}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(label)}">
<style>
svg{${properties(light)}}
@media(prefers-color-scheme:dark){svg{${properties(dark)}}}
rect{fill:var(--back);stroke:var(--edge)}
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:var(--text);white-space:pre}
.bold{font-weight:700}
${colors.map((color) => `.${color}{fill:var(--${color})}`).join("")}
g{animation:${round(length / 1000)}s step-end infinite}
.passing{opacity:0}
${[...animations].map(([steps, name]) => `.${name}{animation-name:${name}}@keyframes ${name}{${steps}}`).join("\n")}
@media(prefers-reduced-motion:reduce){g{animation:none}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${drawn.join("\n")}
</svg>
`;
}

const colors = ["dim", "cyan", "red", "green", "yellow", "blue", "magenta"] as const;
type Colors = Readonly<Record<"back" | "edge" | "text" | (typeof colors)[number], string>>;

const light: Colors = {
  back: "#f6f8fa",
  edge: "#d1d9e0",
  text: "#1f2328",
  dim: "#59636e",
  cyan: "#0a6c7d",
  red: "#b3261e",
  green: "#1a7f37",
  yellow: "#845306",
  blue: "#0550ae",
  magenta: "#8250df",
};
const dark: Colors = {
  back: "#0d1117",
  edge: "#3d444d",
  text: "#f0f6fc",
  dim: "#9198a1",
  cyan: "#56d4dd",
  red: "#ff7b72",
  green: "#3fb950",
  yellow: "#d29922",
  blue: "#79c0ff",
  magenta: "#d2a8ff",
};

function properties(values: Colors): string {
  return Object.entries(values)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");
}

/** A row that stays the same for a while; `to` is absent where it stays to the end. */
interface Showing {
  readonly row: number;
  readonly runs: readonly Run[];
  readonly from: number;
  readonly to?: number;
}

function showings(frames: Recording["frames"]): readonly Showing[] {
  const found: Showing[] = [];
  const rows = Math.max(...frames.map((frame) => frame.rows.length));
  for (let row = 0; row < rows; row++) {
    let shown: { readonly key: string; readonly runs: readonly Run[]; readonly from: number } | undefined;
    for (const frame of frames) {
      const runs = frame.rows[row] ?? [];
      const key = JSON.stringify(runs);
      if (key === shown?.key) continue;
      if (shown !== undefined && shown.runs.length > 0 && shown.from < frame.at)
        found.push({ row, runs: shown.runs, from: shown.from, to: frame.at });
      shown = { key, runs, from: frame.at };
    }
    if (shown !== undefined && shown.runs.length > 0) found.push({ row, runs: shown.runs, from: shown.from });
  }
  return found;
}

/** Where the reader's font is wider or narrower, its characters are moved so that columns stay columns. */
function drawRun({ column, text, style }: Run, y: number): string {
  const x = round(size.margin + size.character * column);
  const names = classNames(style);
  const length = round(size.character * [...text].length);
  return `<text x="${x}" y="${y}" textLength="${length}"${names === "" ? "" : ` class="${names}"`}>${escape(text)}</text>`;
}

function classNames({ bold, dim, color }: Style): string {
  return [bold && "bold", dim && "dim", color].filter((name) => typeof name === "string").join(" ");
}

function percent(at: number, length: number): string {
  return `${round((100 * at) / length)}%`;
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
