/** The program that runs in a child: beside what is built, or the source where this runs from source. */
export function childProgram(here: string = import.meta.url): URL {
  return new URL(here.endsWith(".ts") ? "../child/main.ts" : "./child.js", here);
}
