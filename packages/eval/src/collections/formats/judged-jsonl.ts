import type { Parts } from "../assemble.ts";
import type { Budget } from "../files/budget.ts";
import { asId, idIn, isObject, type JsonRecord, parseRecord, textIn } from "../files/json-record.ts";
import { readLines } from "../files/read-lines.ts";
import { refusal } from "../files/refusal.ts";
import { JudgedLists } from "../judged-lists.ts";
import { gradesIn, type ListedDocument } from "./relevant-field.ts";

/**
 * A query a line, with its documents and which of them are relevant: `{"query": "…", "documents": ["…", "…"], "relevant":
 * [1]}`. Documents of a line that a list of relevant ones does not name were judged as not relevant; an object of
 * grades (`{"1": 2, "0": 0}`) judges what it names alone, and without `relevant` nothing was judged.
 * @throws DheeraError `invalid_request` naming the file, the line and the field.
 */
export async function readJudgedJsonl(file: string, budget: Budget): Promise<Parts> {
  const lists = new JudgedLists();
  await readLines(file, budget, (line, number) => take(parseRecord(line, file, number), lists));
  return lists.finish();
}

function take(record: JsonRecord, lists: JudgedLists): void {
  const { file, line, fields } = record;
  const query = isObject(fields["query"]) ? { ...record, fields: fields["query"] } : record;
  const text = textIn(query, query === record ? ["query"] : ["text", "query"]);
  if (text === undefined)
    throw refusal(
      file,
      line,
      `the object has no "query"; a line is {"query": "…", "documents": ["…"], "relevant": [0]}`,
    );
  const id = lists.addQuery(
    idIn(query, ["query_id", "qid", "_id", "id"]) ?? idIn(record, ["query_id", "qid"]),
    text,
    record,
  );
  const listed = fields["documents"];
  if (!Array.isArray(listed) || listed.length === 0)
    throw refusal(file, line, `"documents" must be a list of texts, or of objects with id and text`);
  const documents = listed.map((document: unknown, index) => documentIn(document, index, record));
  const known = documents.map((document) => lists.addDocument(id, document.id, document.text, record));
  const grades = gradesIn(record, documents, known);
  if (!grades) return;
  // Who lists what is relevant has read the others, too; who gives grades has given them to what was read.
  const others = isObject(fields["relevant"]) ? [] : known;
  for (const document of new Set([...others, ...grades.keys()]))
    lists.judge(id, document, grades.get(document) ?? 0, record);
}

function documentIn(value: unknown, index: number, { file, line }: JsonRecord): ListedDocument {
  if (typeof value === "string") return { id: undefined, hasNumber: false, text: value };
  if (!isObject(value))
    throw refusal(file, line, `"documents[${index}]" must be a text, or an object with id and text`);
  const record = { fields: value, file, line };
  const title = textIn(record, ["title"]);
  const text = textIn(record, ["text", "content", "contents", "body"]);
  if (text === undefined && title === undefined) throw refusal(file, line, `"documents[${index}]" has no "text"`);
  const name = ["_id", "id", "document_id", "doc_id"].find((known) => asId(value[known]) !== undefined);
  const id = name === undefined ? undefined : value[name];
  return { id: asId(id), hasNumber: typeof id === "number", text: `${title ?? ""} ${text ?? ""}`.trim() };
}
