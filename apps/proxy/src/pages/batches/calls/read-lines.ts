/**
 * Lines of a text as it arrives. The last one counts without a line end too; the stream is cancelled where the reader stops before.
 * @param mostCharacters of a line: of a longer one only its beginning is given
 */
export async function* readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  mostCharacters: number,
): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const pieces = (rest + value).split("\n");
      rest = (pieces.pop() ?? "").slice(0, mostCharacters);
      for (const piece of pieces) yield piece.slice(0, mostCharacters);
    }
    if (rest !== "") yield rest;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
