/**
 * Makes docs/images/teams-*.png: `node -C source test/browser/take-teams-screenshots.ts`. Wants pngquant, which makes them a
 * third of their size. Fonts are the machine's: Inter, JetBrains Mono and P052 look as intended.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { launchBrowser } from "./open-page.ts";
import { startSampleTeams } from "./sample-teams.ts";
import { goTo, openTeams } from "./teams-steps.ts";

/** What is shown, by the picture's name. */
const pictures = [
  { name: "teams-overview", at: "overview" },
  { name: "teams-team", at: "teams/search" },
] as const;

await using stack = new AsyncDisposableStack();
const { proxy } = stack.use(await startSampleTeams());
const browser = await launchBrowser();
stack.defer(() => browser.close());
const { page } = stack.use(
  await openTeams(browser, proxy, {
    options: { viewport: { width: 1240, height: 860 }, deviceScaleFactor: 1.5, colorScheme: "light" },
  }),
);
for (const { name, at } of pictures) {
  await goTo(page, proxy, at);
  const picture = fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url));
  await page.screenshot({ path: picture });
  execFileSync("pngquant", ["--force", "--speed", "1", "--strip", "--output", picture, "64", picture]);
}
