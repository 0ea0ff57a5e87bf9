import { copyText } from "../../browser/copy-text.ts";
import { element } from "../../browser/element.ts";
import { openNote } from "../../parts/dialogs.ts";
import { button } from "../../parts/words.ts";

interface SecretOptions {
  readonly title: string;
  /** What it is, for those who hear it. */
  readonly what: string;
  readonly advice: string;
  closed(): void;
}

/** Shows what can be read this once. */
export function showSecret(secret: string, { title, what, advice, closed }: SecretOptions): void {
  const place = element("code", { class: "secret", tabindex: "0", "aria-label": what }, secret);
  const said = element("p", { class: "quiet", role: "status" });
  const copy = button("Copy", () => {
    void copyText(secret, place).then((isCopied) => {
      said.textContent = isCopied ? "Copied." : "Press Ctrl+C: this browser lets no page copy here.";
    });
  });
  const row = element("div", { class: "secret-row" }, place, copy);
  openNote(title, [element("p", {}, advice), row, said], "I have it", closed);
}
