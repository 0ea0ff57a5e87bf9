// The command line of @dheera-ai/cli, wherever the package manager has put it: within a workspace that is not this folder.
const manifest = import.meta.resolve("@dheera-ai/cli/package.json");
await import(new URL("bin/dheera_ai.js", manifest).href);
