import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

// "source" makes workspace packages resolve to their TypeScript, so that tests need no build.
// Not "import": the conditions hold for `require` too, whose packages would get modules of the other kind.
const conditions = ["source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // A package of theirs names its TypeScript "source" as well, which Node.js runs in no package.
    server: {
      deps: { inline: [/\/node_modules\/(?:ai|@ai-sdk|@modelcontextprotocol|eventsource|eventsource-parser)\//] },
    },
    include: ["{packages,apps,examples}/**/*.test.ts", "{test,bench,deploy}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // Tests wait for servers as long as they compute: with two files a core at one time, no core waits.
    maxWorkers: 2 * availableParallelism(),
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Hang protection only: what is awaited comes long before, on a machine that is not overloaded.
    expect: { poll: { interval: 10, timeout: 60_000 } },
    reporters: ["default", "./test/support/skipped-tests-reporter.ts"],
  },
});
