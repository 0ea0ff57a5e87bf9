import { element } from "../../browser/element.ts";
import type { TypedDocument } from "../../code/request-body.ts";
import { highlight } from "./highlight.ts";

/** Longer documents are folded; `fields` is what their names and values may have together. */
const roomy = { characters: 240, lines: 4, fields: 240 };
/** In narrow columns all rows have the same height, so that equal ranks are beside each other. */
const narrow = { characters: 60, lines: 2, fields: 0 };
const mostPreviewed = 240;

/**
 * A document with the query's words marked: whole where it is short, else its begin and a way to unfold the rest.
 * @param isNarrow whether it stands in one of several columns
 */
export function documentView(document: TypedDocument, words: readonly string[], isNarrow: boolean): HTMLElement {
  const most = isNarrow ? narrow : roomy;
  const { text, fields } = partsOf(document);
  const preview = marked(text.slice(0, mostPreviewed), words);
  const isShort = text.length <= most.characters && text.split("\n").length <= most.lines;
  const fieldsLength = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (isShort && fieldsLength <= most.fields)
    return element("div", { class: "document" }, element("p", { class: "text" }, ...preview), ...fieldList(fields));
  const whole = element("div", { class: "whole" });
  const folded = element(
    "details",
    { class: "document", ...((text.length > mostPreviewed || fieldsLength > most.fields) && { "data-more": "" }) },
    element(
      "summary",
      {},
      element("span", { class: "text preview" }, ...preview, ...(text.length > mostPreviewed ? ["…"] : [])),
      element("span", { class: "unfold" }, "Show all"),
      element("span", { class: "fold" }, "Show less"),
    ),
    whole,
  );
  // Made when it is wanted: a document may have a million characters, and most are never unfolded.
  folded.addEventListener("toggle", () => {
    if (folded.open && whole.childNodes.length === 0)
      whole.append(element("p", { class: "text" }, ...marked(text, words)), ...fieldList(fields));
  });
  return folded;
}

/** Marks the folded documents of which a part is out of sight; how much fits depends on the width of their column. */
export function markCut(place: HTMLElement): void {
  for (const folded of place.querySelectorAll<HTMLDetailsElement>("details.document")) {
    const preview = folded.querySelector(".preview");
    const hasMore = folded.dataset["more"] !== undefined;
    if (preview && !folded.open)
      folded.toggleAttribute("data-cut", hasMore || preview.scrollHeight > preview.clientHeight + 1);
  }
}

/** The text of a document and its other fields; a record without a text has fields alone. */
function partsOf(document: TypedDocument): {
  readonly text: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
} {
  if (typeof document === "string") return { text: document, fields: [] };
  const { text, ...others } = document;
  const hasText = typeof text === "string";
  const fields = Object.entries(hasText ? others : document).map(
    ([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  return { text: hasText ? text : (fields.find(([, value]) => value.length > 20)?.[1] ?? ""), fields };
}

function fieldList(fields: ReturnType<typeof partsOf>["fields"]): readonly HTMLElement[] {
  if (fields.length === 0) return [];
  const entries = fields.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return [element("dl", { class: "fields" }, ...entries)];
}

function marked(text: string, words: readonly string[]): readonly (Node | string)[] {
  return highlight(text, words).map((segment) => (segment.isHit ? element("mark", {}, segment.text) : segment.text));
}
