/** How a character looks; absent fields are the terminal's own. */
export interface Style {
  readonly bold?: true;
  readonly dim?: true;
  readonly color?: string;
}

/** Characters in one style, and the column of the first, from 0. */
export interface Run {
  readonly column: number;
  readonly text: string;
  readonly style: Style;
}

interface Cell {
  readonly character: string;
  readonly style: Style;
}

const colors = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** The screen of a terminal that is as high as it needs to be: what the commands of README's picture use of one. */
export class Screen {
  readonly #columns: number;
  readonly #rows: Cell[][] = [[]];
  readonly #decoder = new TextDecoder();
  #row = 0;
  #column = 0;
  #style: Style = {};

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** @throws Error naming a control sequence that it does not know */
  write(bytes: Uint8Array | string): void {
    const text = typeof bytes === "string" ? bytes : this.#decoder.decode(bytes, { stream: true });
    // oxlint-disable-next-line no-control-regex -- these are what a terminal obeys
    for (const [, parameters, final, control, character] of text.matchAll(/\x1b\[([\d;]*)([A-Za-z])|([\r\n])|([^])/gu))
      if (final !== undefined) this.#obey(parameters ?? "", final);
      else if (control === "\r") this.#column = 0;
      else if (control === "\n") this.#goTo(this.#row + 1);
      else if (character !== undefined) this.#put(character);
  }

  /** Each row as runs of one style; trailing blanks are left out. */
  rows(): readonly (readonly Run[])[] {
    return this.#rows.map(runsOf);
  }

  /** Each row as plain text. */
  text(): readonly string[] {
    return this.#rows.map((row) =>
      row
        .map(({ character }) => character)
        .join("")
        .trimEnd(),
    );
  }

  #put(character: string): void {
    if (character < " ") throw new Error(`the screen does not know the control character ${JSON.stringify(character)}`);
    if (this.#column === this.#columns) {
      this.#goTo(this.#row + 1);
      this.#column = 0;
    }
    const row = this.#rows[this.#row] ?? [];
    while (row.length < this.#column) row.push({ character: " ", style: {} });
    row[this.#column++] = { character, style: this.#style };
  }

  #goTo(row: number): void {
    this.#row = row;
    while (this.#rows.length <= row) this.#rows.push([]);
  }

  #obey(parameters: string, final: string): void {
    if (final === "K" && parameters === "2") this.#rows[this.#row] = [];
    else if (final === "K" && parameters === "") this.#rows[this.#row]?.splice(this.#column);
    else if (final === "m") for (const code of parameters.split(";")) this.#paint(Number(code));
    else throw new Error(`the screen does not know the control sequence ${parameters}${final}`);
  }

  #paint(code: number): void {
    const { bold, dim, color } = this.#style;
    const named = colors[code - 30];
    if (code === 0) this.#style = {};
    else if (code === 1) this.#style = { ...this.#style, bold: true };
    else if (code === 2) this.#style = { ...this.#style, dim: true };
    else if (code === 22) this.#style = color === undefined ? {} : { color };
    else if (code === 39) this.#style = { ...(bold && { bold }), ...(dim && { dim }) };
    else if (named !== undefined) this.#style = { ...this.#style, color: named };
    else throw new Error(`the screen does not know the style ${code}`);
  }
}

function runsOf(row: readonly Cell[]): readonly Run[] {
  const end = row.findLastIndex(({ character }) => character !== " ") + 1;
  const runs: { column: number; text: string; style: Style }[] = [];
  for (const [column, { character, style }] of row.slice(0, end).entries()) {
    const last = runs.at(-1);
    if (last !== undefined && isSame(last.style, style)) last.text += character;
    else runs.push({ column, text: character, style });
  }
  return runs;
}

function isSame(one: Style, other: Style): boolean {
  return one.bold === other.bold && one.dim === other.dim && one.color === other.color;
}
