import GithubSlugger from "github-slugger";

/** Headings for the same thing in several languages or by several ways: `Python`, or `Python, serverless`. GitHub shows them one below the other. */
const tabName = /^(The library|The proxy|Python|TypeScript)(, .+)?$/;

interface Part {
  readonly heading?: { readonly level: number; readonly text: string; readonly slug: string };
  readonly lines: readonly string[];
}

/**
 * A page in which two or more headings in a row that are names of tabs have become tabs, as HTML around their Markdown. They are radio
 * buttons, so that they work without a script, and have the anchors that their headings had.
 */
export function foldTabs(markdown: string): string {
  const parts = splitAtHeadings(markdown);
  const written: string[] = [];
  let group = 0;
  for (let at = 0; at < parts.length;) {
    const run = runOfTabs(parts, at);
    if (run.length > 1) written.push(...tabsOf(run, group++));
    else written.push(...(parts[at]?.lines ?? []));
    at += Math.max(run.length > 1 ? run.length : 1, 1);
  }
  return written.join("\n");
}

function runOfTabs(parts: readonly Part[], start: number): readonly Part[] {
  const first = parts[start]?.heading;
  if (first === undefined) return [];
  const seen = new Set<string>();
  let end = start;
  for (; end < parts.length; end++) {
    const heading = parts[end]?.heading;
    if (heading?.level !== first.level || !tabName.test(heading.text) || seen.has(heading.text)) break;
    seen.add(heading.text);
  }
  return parts.slice(start, end);
}

function tabsOf(tabs: readonly Part[], group: number): readonly string[] {
  // No empty line within the HTML: Markdown begins again behind one.
  const radios = tabs.map(({ heading: { text, slug } = { text: "", slug: "" } }, at) => {
    const input = `<input type="radio" name="tabs-${group}" id="${slug}" value="${text}"${at === 0 ? " checked" : ""} />`;
    return `${input}<label for="${slug}">${text}</label>`;
  });
  return [
    `<div class="tabs" role="group" aria-label="${tabs.map(({ heading }) => heading?.text).join(" or ")}">`,
    ...radios,
    ...tabs.flatMap(({ lines }) => ['<div class="panel">', "", ...lines.slice(1), "", "</div>"]),
    "</div>",
    "",
  ];
}

function splitAtHeadings(markdown: string): readonly Part[] {
  const slugger = new GithubSlugger();
  const parts: { heading?: NonNullable<Part["heading"]>; lines: string[] }[] = [{ lines: [] }];
  let isFenced = false;
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) isFenced = !isFenced;
    const [, marks, text] = (isFenced ? undefined : /^(#{1,6}) (.+)$/.exec(line)) ?? [];
    if (marks === undefined || text === undefined) parts.at(-1)?.lines.push(line);
    else parts.push({ heading: { level: marks.length, text, slug: slugger.slug(text) }, lines: [line] });
  }
  return parts;
}
