/** JSON lines of a batch, in chunks: short documents, no two of which are the same. */
export async function* fileOf(lines: number, documents: number): AsyncGenerator<Uint8Array> {
  let text = "";
  for (let line = 0; line < lines; line++) {
    text += `${lineOf(line, documents)}\n`;
    if (text.length < 65_536) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}

function lineOf(line: number, documents: number): string {
  return JSON.stringify({
    custom_id: `request-${line}`,
    method: "POST",
    url: "/v1/rerank",
    body: {
      model: "scripted",
      query: `how is request ${line} answered?`,
      documents: Array.from(
        { length: documents },
        (_, document) => `document ${document} of request ${line}, a few words`,
      ),
    },
  });
}
