import type { Budget } from "../files/budget.ts";
import { idIn, parseRecord, textIn } from "../files/json-record.ts";
import { readLines } from "../files/read-lines.ts";
import { refusal } from "../files/refusal.ts";
import { Texts } from "../texts.ts";
import { TopicsReader } from "./topics.ts";

/**
 * Texts by id, documents or queries: JSONL (`_id`, `text` and perhaps `title`), topics of TREC (`<top>`), or a text a line
 * after its id and a tab. Which one is told by its name or its first line.
 * @throws DheeraError `invalid_request` naming the file, the line and the field.
 */
export async function readTexts(file: string, budget: Budget): Promise<Texts> {
  const texts = new Texts();
  const topics = new TopicsReader(texts, file);
  let take: ((line: string, number: number) => void) | undefined;
  await readLines(file, budget, (line, number) => {
    take ??= topicTag.test(line) ? topics.take : takerOf(line, texts, file);
    take(line, number);
  });
  topics.end();
  return texts;
}

const topicTag = /^\s*<(?:top|topics|xml|\?xml)\b/i;

function takerOf(first: string, texts: Texts, file: string): (line: string, number: number) => void {
  return /\.(?:jsonl|ndjson)(?:\.gz)?$/i.test(file) || first.trimStart().startsWith("{")
    ? (line, number) => takeJson(line, texts, file, number)
    : (line, number) => takeTabbed(line, texts, file, number);
}

/** A title goes before its text, as BEIR does it. */
function takeJson(line: string, texts: Texts, file: string, number: number): void {
  const record = parseRecord(line, file, number);
  const id = idIn(record, idNames);
  if (id === undefined) throw refusal(file, number, `the object has no "_id"; give each entry one`);
  const title = textIn(record, ["title"]);
  const text = textIn(record, textNames);
  if (title === undefined && text === undefined)
    throw refusal(file, number, `the object has no "text"; what is ranked is read from there`);
  texts.add(id, `${title ?? ""} ${text ?? ""}`.trim(), file, number);
}

const idNames = ["_id", "id", "docid", "docno", "doc_id", "document_id", "corpus-id", "qid", "query_id", "query-id"];
const textNames = ["text", "contents", "content", "query", "passage", "body", "document"];

/** Further columns, as MS MARCO has them (id, address, title, text), are words of the text too. */
function takeTabbed(line: string, texts: Texts, file: string, number: number): void {
  const tab = line.indexOf("\t");
  const id = line.slice(0, tab).trim();
  if (tab === -1 || id === "")
    throw refusal(file, number, "the line must have an id, a tab and a text; or use JSONL with _id and text");
  texts.add(
    id,
    line
      .slice(tab + 1)
      .replaceAll("\t", " ")
      .trim(),
    file,
    number,
  );
}
