import { findProgram } from "../../test/support/programs.ts";

/**
 * Programs that are used where they are installed, and what does without them. The names are those of their Debian
 * packages.
 */
const without = {
  nginx: "the stub upstream is a Node.js server, slower than nginx, and there is no yardstick",
  wrk: "the load comes from Node.js, which takes more of the processor from what is measured",
} as const;

type Program = keyof typeof without;

/** One line for each program that is missing. */
export function printMissing(...names: readonly Program[]): void {
  for (const name of names)
    if (findProgram(name) === undefined)
      console.log(`${name} is not installed: ${without[name]} (Debian: apt-get install ${name})`);
}
