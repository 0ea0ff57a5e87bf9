import GithubSlugger from "github-slugger";

/** Headings for the same thing in several languages or by several ways: `Python`, or `Python, serverless`. GitHub shows them one below the other. */
const tabName = /^(The library|The proxy|Python|TypeScript)(, .+)?$/;

/** `site.css` has a rule for each of them: one more would never be seen. */
const mostTabs = 4;

interface Part {
  /** `slug` is its anchor at GitHub. */
  readonly heading?: { readonly level: number; readonly text: string; readonly slug: string };
  readonly lines: readonly string[];
}

/**
 * A page in which two or more headings in a row that are names of tabs have become tabs, as HTML around their Markdown. They are radio
 * buttons, so that they work without a script, and have the anchors that their headings had. So have the headings that stay.
 * @throws Error where there are more in a row than can be shown
 */
export function foldTabs(markdown: string): string {
  const parts = splitAtHeadings(markdown);
  const written: string[] = [];
  // The site counts headings of one name anew, without those that have become tabs.
  const slugger = new GithubSlugger();
  let group = 0;
  for (let at = 0; at < parts.length;) {
    const run = runOfTabs(parts, at);
    if (run.length > 1) written.push(...tabsOf(run, group++));
    else written.push(...linesOf(parts[at], slugger));
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

/** A part as it stands, its heading as HTML with an id where the site would give it the anchor of a tab. */
function linesOf(part: Part | undefined, slugger: GithubSlugger): readonly string[] {
  if (part?.heading === undefined) return part?.lines ?? [];
  const { level, text, slug } = part.heading;
  if (slugger.slug(text) === slug) return part.lines;
  const plain = text.replaceAll(/[`*]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return [`<h${level} id="${slug}">${plain}</h${level}>`, "", ...part.lines.slice(1)];
}

function tabsOf(tabs: readonly Part[], group: number): readonly string[] {
  const names = tabs.map(({ heading }) => heading?.text);
  if (tabs.length > mostTabs)
    throw new Error(
      `${tabs.length} tabs in a row, ${names.join(" | ")}: at most ${mostTabs} can be shown; divide them`,
    );
  // No empty line within the HTML: Markdown begins again behind one.
  const radios = tabs.map(({ heading: { text, slug } = { text: "", slug: "" } }, at) => {
    const input = `<input type="radio" name="tabs-${group}" id="${slug}" value="${text}"${at === 0 ? " checked" : ""} />`;
    return `${input}<label for="${slug}">${text}</label>`;
  });
  return [
    `<div class="tabs" role="group" aria-label="${names.join(" or ")}">`,
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
