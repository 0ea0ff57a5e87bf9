import { copyText } from "../../browser/copy-text.ts";
import { find } from "../../browser/element.ts";
import { asLanguage, rememberLanguage, rememberedLanguage } from "../../browser/remembered.ts";
import type { RequestBody } from "../../code/request-body.ts";
import { requestCode } from "../../code/request-code.ts";

const copiedMilliseconds = 2_000;
/** More is not drawn, because thousands of documents would make typing slow. */
const mostDrawn = 20_000;

/** Shows the request as code in the chosen language, and copies the code. */
export class CodeView {
  readonly #code = find("code", HTMLPreElement);
  readonly #copy = find("copy", HTMLButtonElement);
  readonly #needsKey: () => boolean;
  #language = rememberedLanguage();
  #body: RequestBody | undefined;

  constructor(needsKey: () => boolean) {
    this.#needsKey = needsKey;
    for (const choice of document.querySelectorAll<HTMLInputElement>('input[name="language"]')) {
      choice.checked = choice.value === this.#language;
      choice.addEventListener("change", () => {
        rememberLanguage((this.#language = asLanguage(choice.value)));
        this.#draw();
      });
    }
    this.#copy.addEventListener("click", () => void this.#copyCode());
  }

  show(body: RequestBody): void {
    this.#body = body;
    this.#draw();
  }

  #draw(): void {
    if (!this.#body) return;
    const text = this.#body.model === "" ? "The code names a model, and there is none to choose yet." : this.#write();
    this.#code.textContent =
      text.length > mostDrawn
        ? `${text.slice(0, mostDrawn)}\n… and ${(text.length - mostDrawn).toLocaleString("en")} characters more; Copy copies all.`
        : text;
  }

  #write(): string {
    // The page's own address, without the slash: the proxy may live below a prefix.
    const base = new URL(".", location.href).href.replace(/\/$/, "");
    return this.#body ? requestCode(this.#language, this.#body, { base, needsKey: this.#needsKey() }) : "";
  }

  async #copyCode(): Promise<void> {
    const done = await copyText(this.#write(), this.#code);
    this.#copy.textContent = done ? "Copied" : "Press Ctrl+C";
    find("copied", HTMLElement).textContent = done ? "The code was copied" : "The code is selected: press Ctrl+C";
    setTimeout(() => (this.#copy.textContent = "Copy"), copiedMilliseconds);
  }
}
