/**
 * A text of somebody else as one line of a prompt that it cannot leave: a JSON string. Its quotes and line ends are
 * escaped, so that it closes nothing and begins no line; so is a sign of each special token that a server would read in it
 * (`<|im_end|>`, `</s>`, `[INST]`), because chat templates put a message into the model's prompt as it is. `JSON.parse`
 * gives the text back.
 *
 * A fence with a random word in it would be as tight, but would make each prompt unlike the last: no server could reuse
 * what it computed for the same documents, and the same request could be ranked otherwise.
 */
export function fence(text: string): string {
  return JSON.stringify(text).replace(notation, escapeUnit);
}

/** Documents of a prompt, one a line, numbered from 1. */
export function fenceDocuments(texts: readonly string[]): string {
  return texts.map((text, position) => `{"id":${position + 1},"text":${fence(text)}}`).join("\n");
}

/**
 * A text for the prompt of a model that was trained on texts as they are, and not on JSON: a space parts what would be a
 * special token or a tag of the template (`<|im_end|>`, `</think>`, `<Query>`, `[INST]`).
 */
export function defuse(text: string): string {
  return text.replace(notation, (sign) => (/[\u0085\u2028\u2029]/.test(sign) ? " " : `${sign} `));
}

/** The same on one line, for a template whose structure may be lines of plain words. */
export function defuseLine(text: string): string {
  return defuse(text).replace(lineEnds, " ");
}

/**
 * A sign of each special token that is known of families of models (the test has a list), and line ends that JSON leaves
 * as they are. Not by a pattern of whole tokens, because the next family will have another: a bracket stays only where
 * texts have it and no token does. That is `<` before a space, `[` before a digit, a space, a quote or its end (`[1]`,
 * `["a"]`), and `]` before all but a letter and the signs that tokens go on with. Escapes cost tokens, and references by
 * number are many.
 */
const notation = /<(?!\s)|\[(?![\d\s\\"'\]])|\](?=[\p{L}~|!<[])|\|(?=\|\|)|[\u0085\u2028\u2029]/gu;
const lineEnds = /[\n\v\f\r\u0085\u2028\u2029]+/g;

function escapeUnit(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
