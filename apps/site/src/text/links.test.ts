import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { relativeRoute, rewriteLinks } from "./links.ts";

const page = (file: string, route: string) => ({
  file,
  route,
  title: `Page of ${route}`,
  label: route,
  about: "",
  markdown: "",
});
const here = page("docs/providers/cohere.md", "providers/cohere");
const errors = page("docs/errors.md", "errors");
const bm25 = page("packages/bm25/README.md", "packages/bm25");
const surroundings = {
  pages: new Map([here, errors, bm25].map((each) => [each.file, each])),
  toPage: (from: { route: string }, to: { route: string }) => relativeRoute(from.route, to.route),
  toImage: (_: unknown, name: string) => `images/${name}`,
  toSource: (path: string) => `https://example.org/blob/v1/${path}`,
};
const rewrite = (text: string): string => rewriteLinks(here, text, surroundings);

describe("links", () => {
  it.each([
    ["[errors](../errors.md)", "[errors](../../errors/)"],
    ["[errors](../errors.md#codes)", "[errors](../../errors/#codes)"],
    ["[words](../../packages/bm25/README.md)", "[words](../../packages/bm25/)"],
    ["[words](../../packages/bm25)", "[words](../../packages/bm25/)"],
    ["[source](../../bench/proxy.ts)", "[source](https://example.org/blob/v1/bench/proxy.ts)"],
    ["[`source`](../../bench/)", "[`source`](https://example.org/blob/v1/bench)"],
    ["![picture](../images/a.png)", "![picture](images/a.png)"],
    ["[errors.md](../errors.md)", "[Page of errors](../../errors/)"],
    ["[above](#top) [there](https://example.org/a)", "[above](#top) [there](https://example.org/a)"],
    ["`[no](link.md)`", "`[no](link.md)`"],
    ["```md\n[no](link.md)\n```", "```md\n[no](link.md)\n```"],
    ["[name]: ../errors.md", "[name]: ../../errors/"],
  ])("%s becomes %s", (text, expected) => {
    expect(rewrite(text)).toBe(expected);
  });

  it("lead from any page to any other", () => {
    const route = fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 3 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(route, route, (from, to) => {
        const slashed = (path: string): string => (path === "" ? "/" : `/${path}/`);
        const way = new URL(relativeRoute(from, to), `https://example.org${slashed(from)}`);
        expect(way.pathname).toBe(slashed(to));
      }),
    );
  });
});
