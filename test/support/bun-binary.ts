import { createRequire } from "node:module";

/** The package `bun` fetches its binary in an install script; the package that it comes from holds it already. */
export function bunBinary(): string {
  const requireFromBun = createRequire(createRequire(import.meta.url).resolve("bun/package.json"));
  return requireFromBun.resolve(`@oven/bun-${process.platform}-${process.arch}/bin/bun`);
}
