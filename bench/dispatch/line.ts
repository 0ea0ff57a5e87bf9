/** One line of the result table. */
export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** Absent where there is nothing to reach, only something to report. */
  readonly pass?: boolean;
}

export function printLines(lines: readonly Line[]): void {
  const rows = [
    { what: "what", measured: "measured", target: "target", verdict: "" },
    ...lines.map(({ pass, ...line }) => ({ ...line, verdict: verdictOf(pass) })),
  ];
  const widthOf = (column: "what" | "measured" | "target"): number =>
    Math.max(...rows.map((row) => row[column].length));
  const [what, measured, target] = [widthOf("what"), widthOf("measured"), widthOf("target")];
  for (const row of rows)
    console.log(
      `| ${row.what.padEnd(what)} | ${row.measured.padStart(measured)} | ${row.target.padStart(target)} | ${row.verdict.padEnd(4)} |`,
    );
}

function verdictOf(pass: boolean | undefined): string {
  if (pass === undefined) return "";
  return pass ? "pass" : "MISS";
}
