import { Parser } from "htmlparser2";

/** What matters of a page for links. */
export interface LinksOfPage {
  readonly ids: ReadonlySet<string>;
  /** What `href` and `src` name, as it stands there. */
  readonly targets: readonly string[];
}

export function readHtml(html: string): LinksOfPage {
  const ids = new Set<string>();
  const targets: string[] = [];
  const parser = new Parser({
    onopentag: (_name, { id, href, src }) => {
      if (id !== undefined) ids.add(id);
      for (const target of [href, src]) if (target !== undefined) targets.push(target);
    },
  });
  parser.end(html);
  return { ids, targets };
}
