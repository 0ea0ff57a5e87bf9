#!/usr/bin/env node
// What `npx dheera-ai` runs: without it npm says that it cannot find anything to execute, and not where the command is.
console.error("dheera-ai is the library. The command line and the proxy are @dheera-ai/cli: npx @dheera-ai/cli --help");
process.exitCode = 1;
