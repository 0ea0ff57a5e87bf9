import { closeSync, openSync } from "node:fs";

/** Imported into a program, it opens every file descriptor that is left at the first SIGUSR2, and closes them at the next. */
const held: number[] = [];

process.on("SIGUSR2", () => {
  if (held.length > 0) {
    for (const descriptor of held.splice(0)) closeSync(descriptor);
    process.stdout.write("RELEASED\n");
    return;
  }
  try {
    for (;;) held.push(openSync("/dev/null", "r"));
  } catch {
    process.stdout.write("EXHAUSTED\n");
  }
});
