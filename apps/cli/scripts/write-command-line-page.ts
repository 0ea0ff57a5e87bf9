import { writeFile } from "node:fs/promises";

import { commandLinePage, renderCommandLine } from "./command-line-page.ts";

// pnpm --filter @dheera-ai/cli run docs
await writeFile(commandLinePage, renderCommandLine());
