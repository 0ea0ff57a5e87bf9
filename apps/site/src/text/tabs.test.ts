import { describe, expect, it } from "vitest";

import { foldTabs } from "./tabs.ts";

const page = `## The first call

Both are the same.

### Python

\`\`\`python
# Python
print(1)
\`\`\`

### TypeScript

\`\`\`ts
console.log(1);
\`\`\`

## More

### Python

Alone.
`;

describe("tabs", () => {
  it("are made of headings in a row that name languages, with the anchors that the headings had", () => {
    const folded = foldTabs(page);
    expect(folded).toContain('id="python" value="Python" checked /><label for="python">Python</label>');
    expect(folded).toContain('id="typescript" value="TypeScript" /><label for="typescript">TypeScript</label>');
    expect(folded).toContain('<div class="panel">\n\n\n```python\n# Python\nprint(1)\n```\n\n\n</div>');
    expect(folded).not.toContain("### TypeScript");
  });

  it("are not made of a heading that stands alone, and change nothing else", () => {
    expect(foldTabs(page.replace("### TypeScript", "### Java"))).toContain("## More\n\n### Python\n\nAlone.\n");
    const plain = "# A\n\n## B\n\ntext\n\n```sh\n### Python\n### TypeScript\n```\n";
    expect(foldTabs(plain)).toBe(plain);
  });

  it("leave the headings that stay the anchors that they have at GitHub", () => {
    const folded = foldTabs(`${page}\n### Python\n\nOnce more.\n\n### \`The proxy\`\n`);
    const ids = [...folded.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(["python", "typescript", "python-1", "python-2"]);
    expect(folded).toContain('## More\n\n<h3 id="python-1">Python</h3>\n\n\nAlone.\n');
    expect(folded).toContain("### `The proxy`");
  });

  it("are refused where one of them could never be seen", () => {
    const row = (...names: readonly string[]): string => names.map((name) => `### ${name}\n\ntext\n`).join("\n");
    const four = ["The library", "The proxy", "Python", "TypeScript"];
    expect(foldTabs(row(...four)).split("<input").length).toBe(5);
    expect(() => foldTabs(row(...four, "Python, serverless"))).toThrow(/5 tabs in a row.*at most 4/);
  });

  it("are different groups in different sections, so that each has one that is shown", () => {
    const two = foldTabs(`${page}\n### TypeScript\n\nNot alone.\n`);
    expect([...two.matchAll(/name="(tabs-\d)"/g)].map(([, name]) => name)).toEqual([
      "tabs-0",
      "tabs-0",
      "tabs-1",
      "tabs-1",
    ]);
    expect(two).toContain('id="python-1"');
  });

  it("are closed where the next section begins", () => {
    const folded = foldTabs(page);
    expect(folded.indexOf("## More")).toBeGreaterThan(folded.lastIndexOf("</div>"));
    expect(folded.split("<div").length).toBe(folded.split("</div>").length);
  });
});
