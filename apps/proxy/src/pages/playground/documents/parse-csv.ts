/** A table as a file has it. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const delimiters = [",", ";", "\t"] as const;

/**
 * Reads CSV as RFC 4180 has it, with the delimiter that the first line has most of: comma, semicolon or tab.
 * @param hasNames whether the first row names the columns
 * @throws Error with a message for the user, which names the line
 */
export function parseCsv(text: string, hasNames: boolean): Table {
  const records = readRecords(text, delimiterOf(text));
  const [first] = records;
  if (!first) throw new Error("The file is empty");
  const columns = first.fields.map((name, index) => (hasNames && name.trim()) || `column ${index + 1}`);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Line 1 names two columns “${twice}”`);
  const rows = records.slice(hasNames ? 1 : 0);
  const uneven = rows.find(({ fields }) => fields.length !== columns.length);
  if (uneven)
    throw new Error(`Line ${uneven.line} has ${uneven.fields.length} fields where the first row has ${columns.length}`);
  if (rows.length === 0) throw new Error("The file has names of columns, but no row");
  return { columns, rows: rows.map(({ fields }) => fields) };
}

function delimiterOf(text: string): string {
  const [line = ""] = text.replaceAll(/"[^"]*"/g, "").split(/[\r\n]/, 1);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

interface CsvRecord {
  readonly fields: readonly string[];
  /** The line it begins on, from 1. */
  readonly line: number;
}

function readRecords(text: string, delimiter: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  const plain = new RegExp(`[^${delimiter}\r\n]*`, "y");
  let position = 0;
  let line = 1;
  while (position < text.length) {
    const fields: string[] = [];
    const begins = line;
    const isBlank = /[\r\n]/.test(text[position] ?? "");
    for (;;) {
      if (text[position] === '"') {
        const { value, end } = readQuoted(text, position, line);
        fields.push(value);
        line += value.split(newline).length - 1;
        position = end;
        if (position < text.length && !`${delimiter}\r\n`.includes(text[position] ?? ""))
          throw new Error(
            `Line ${line}: after a closing quote there must be a ${nameOf(delimiter)} or the end of the line`,
          );
      } else {
        plain.lastIndex = position;
        const value = plain.exec(text)?.[0] ?? "";
        fields.push(value);
        position += value.length;
      }
      if (text[position] !== delimiter) break;
      position++;
    }
    position += text.startsWith("\r\n", position) ? 2 : 1;
    line++;
    if (!isBlank) records.push({ fields, line: begins });
  }
  return records;
}

const newline = /\r\n|\r|\n/;

function readQuoted(text: string, start: number, line: number): { readonly value: string; readonly end: number } {
  let end = start + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end === -1) throw new Error(`Line ${line}: a quoted field has no closing quote`);
    if (text[end + 1] !== '"') break;
    end += 2;
  }
  return { value: text.slice(start + 1, end).replaceAll('""', '"'), end: end + 1 };
}

function nameOf(delimiter: string): string {
  return delimiter === "," ? "comma" : delimiter === ";" ? "semicolon" : "tab";
}
