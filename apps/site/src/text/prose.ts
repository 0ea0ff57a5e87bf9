/** The text of a page's first heading, without marks. */
export function titleOf(markdown: string): string | undefined {
  const [, title] = /^# (.+)$/m.exec(withoutCode(markdown)) ?? [];
  return title === undefined ? undefined : plain(title);
}

/** The first sentence of a page's first paragraph, without marks; empty where there is none. */
export function firstSentence(markdown: string): string {
  const paragraph = withoutCode(withoutComments(markdown))
    .split(/\n\n+/)
    .map((block) => block.trim())
    .find((block) => /^[\w"“`*[]/.test(block) && !/^[*-] /.test(block));
  if (paragraph === undefined) return "";
  const text = plain(paragraph.replaceAll(/\s+/g, " "));
  const [sentence = text] = /^.*?[.!?](?=\s|$)/.exec(text) ?? [];
  return sentence.replace(/:$/, ".");
}

/** A text with its fenced blocks as they are, and the rest changed. */
export function outsideFences(markdown: string, change: (prose: string) => string): string {
  return markdown
    .split(/^(```[^]*?^```[^\n]*$)/m)
    .map((part) => (part.startsWith("```") ? part : change(part)))
    .join("");
}

/** A text without its HTML comments; what is code stays as it is. */
export function withoutComments(markdown: string): string {
  return outsideFences(markdown, (prose) =>
    prose.replaceAll(/(`[^`\n]+`)|<!--[^]*?-->\n*/g, (_, code: string | undefined) => code ?? ""),
  );
}

/** A text without its first heading, where that is a title. */
export function withoutTitle(markdown: string): string {
  let isThere = true;
  return outsideFences(markdown, (prose) => {
    if (!isThere) return prose;
    const rest = prose.replace(/^# .+\n/m, "");
    isThere = rest === prose;
    return rest;
  });
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[^]*?^```[^\n]*$/gm, "");
}

function plain(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*]|(?<!\w)_|_(?!\w)/g, "")
    .trim();
}
