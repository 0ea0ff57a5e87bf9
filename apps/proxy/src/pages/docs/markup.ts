import { html } from "hono/html";

/** HTML whose values have been escaped. */
export type Markup = ReturnType<typeof html>;

/** Paragraphs with `code` in them; descriptions use no other markup. */
export function prose(text: string): readonly Markup[] {
  return text.split("\n\n").map((paragraph) => html`<p>${line(paragraph)}</p>`);
}

export function line(text: string): readonly Markup[] {
  // Every second piece is between backticks.
  return text.split("`").map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`));
}
