/** Cuts a long text at white space, so that no piece takes long to read. Where there is none, it cuts at the limit. */
export function* piecesOf(text: string, limit: number = 8192): Generator<string> {
  let start = 0;
  while (text.length - start > limit) {
    const end = lastSpace(text, start, start + limit) ?? start + limit;
    yield text.slice(start, end);
    start = end;
  }
  yield start === 0 ? text : text.slice(start);
}

function lastSpace(text: string, start: number, end: number): number | undefined {
  for (let position = end; position > start; position--) if (text.charCodeAt(position) <= space) return position;
  return undefined;
}

const space = 0x20;
