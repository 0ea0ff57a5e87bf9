import { expect, it } from "vitest";

import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { checkLinks } from "./check-links.ts";

async function problemsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using folder = await createFolder(files);
  return checkLinks(folder.path, "/v1/");
}

it("finds nothing wrong where every link leads somewhere", async () => {
  const problems = await problemsOf({
    "index.html": `<a href="a/">a</a> <a href="/v1/a/#part">b</a> <a href="#own" id="own">c</a> <img src="images/b.png">
      <a href="https://example.org/x">d</a> <a href="mailto:a@example.org">e</a> <a href="llms.txt">f</a>`,
    "a/index.html": '<h2 id="part">Part</h2> <a href="../">up</a> <a href="">here</a>',
    "images/b.png": "",
    "llms.txt": "",
  });
  expect(problems).toEqual([]);
});

it.each([
  ["b/", "there is no such file"],
  ["a", "there is no such file"],
  ["a/#other", "that page has nothing called other"],
  ["#other", "that page has nothing called other"],
  ["/v2/a/", "that is outside /v1/"],
  ["../../a/", "that is outside /v1/"],
  ["100%/", "a percent sign in it encodes nothing"],
  ["a/#100%", "a percent sign in it encodes nothing"],
  ["https://", "that is no address"],
  ["https://example", "that is no address of the web"],
  ["javascript:alert(1)", "that is no address of the web"],
  ["mailto:nobody", "that is no address of mail"],
])("finds that %s leads nowhere", async (target, problem) => {
  const problems = await problemsOf({
    "index.html": `<a href="${target}">a</a>`,
    "a/index.html": '<h2 id="part">Part</h2>',
  });
  expect(problems).toEqual([`index.html links to ${target}: ${problem}`]);
});

it("finds a picture and a script that are not there", async () => {
  expect(await problemsOf({ "index.html": '<img src="a.png"><script src="/v1/b.js"></script>' })).toHaveLength(2);
});
