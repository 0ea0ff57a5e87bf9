import { styleText } from "node:util";

/** Colours `text` on terminals that show colour; elsewhere it stays as it is. */
export type Paint = (style: "bold" | "dim" | "green" | "yellow" | "red" | "cyan", text: string) => string;

export function painter(color: boolean): Paint {
  // `main.ts` has decided already whether the stream shows colour (NO_COLOR, TERM=dumb …).
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}
