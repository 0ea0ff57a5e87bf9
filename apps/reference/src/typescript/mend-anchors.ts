/**
 * Lets links lead to the anchors that headings have: TypeDoc's plug-in counts names that it shows in tables among those that
 * make a heading's anchor end in `-1`, which Markdown's readers do not.
 * @param pages by file name
 * @throws Error for a link that leads nowhere
 */
export function mendAnchors(pages: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const anchors = new Map([...pages].map(([name, text]) => [name, anchorsOf(text)]));
  return new Map(
    [...pages].map(([name, text]) => [
      name,
      text.replaceAll(/\]\(([\w-]+\.md)?#([\w-]+)\)/g, (_link, page: string = "", anchor: string) => {
        const there = anchors.get(page === "" ? name : page);
        const meant = [anchor, anchor.replace(/-\d+$/, "")].find((one) => there?.has(one));
        if (meant === undefined) throw new Error(`${name} links to ${page}#${anchor}, which is not there`);
        return `](${page}#${meant})`;
      }),
    ]),
  );
}

/** As GitHub and the site make them: equal ones are counted. */
function anchorsOf(text: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const found = new Set([...text.matchAll(/<a id="([^"]+)">/g)].map(([, anchor = ""]) => anchor));
  for (const [, heading = ""] of text.matchAll(/^#+ (.*)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-");
    const count = counts.get(anchor) ?? 0;
    counts.set(anchor, count + 1);
    found.add(count === 0 ? anchor : `${anchor}-${count}`);
  }
  return found;
}
