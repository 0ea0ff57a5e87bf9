import { styleText } from "node:util";

/** Gives `text` a look on terminals that show colour; elsewhere it stays as it is. */
export type Paint = (look: "bold" | "dim" | "green" | "yellow" | "red" | "cyan", text: string) => string;

export function painter(color: boolean): Paint {
  // Whether the stream shows colour (NO_COLOR, TERM=dumb …) was decided once, where the process is known.
  return (look, text) => (color ? styleText(look, text, { validateStream: false }) : text);
}
