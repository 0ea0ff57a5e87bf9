#!/usr/bin/env node
// Committed, so that the command is linked before the first build. An old Node.js has to be able to read this file: a version that lacks an import
// would end with a stack trace before it could be refused. Hence no named import of anything young, and no import of JSON.
import { existsSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";

const main = new URL("../dist/main.js", import.meta.url);

if (isOlder(process.versions.node, neededNodeVersion())) {
  refuse(
    `dheera_ai needs Node.js ${neededNodeVersion()} or newer; this is ${process.versions.node} (${process.execPath}). ` +
      "Install a newer one from https://nodejs.org, or with your version manager.",
  );
} else if (!existsSync(main)) {
  refuse("dheera_ai is not built yet. Run `npx -y pnpm@10 build` in the repository first.");
} else {
  nodeModule.enableCompileCache?.();
  await import(main.href);
}

/** From `engines.node` of package.json, `>=22.19`, so that what npm checks and what is refused here are the same. */
function neededNodeVersion() {
  const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return engines.node.replace(">=", "");
}

function isOlder(version, needed) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split(".").map(Number);
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}

function refuse(reason) {
  console.error(reason);
  process.exitCode = 1;
}
