#!/usr/bin/env node
// Committed, so that the command is linked before the first build. An old Node.js has to be able to read this file, to be refused with a sentence.
import { existsSync, readFileSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const needed = engines.node.replace(">=", "");

if (isOlder(process.versions.node, needed)) {
  refuse(
    `create-dheera-ai needs Node.js ${needed} or newer, as what it creates does; this is ${process.versions.node} (${process.execPath}). ` +
      "Install a newer one from https://nodejs.org, or with your version manager.",
  );
} else if (!existsSync(main)) {
  refuse("create-dheera-ai is not built yet. Run `npx -y pnpm@10 build` in the repository first.");
} else {
  await import(main.href);
}

function isOlder(version, wanted) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

function refuse(reason) {
  console.error(reason);
  process.exitCode = 1;
}
