import { find } from "../element.ts";
import type { RequestBody } from "./request-body.ts";
import { type Language, requestCode } from "./request-code.ts";

const copiedMilliseconds = 2_000;

/** Shows the request as code in the chosen language, and copies the code. */
export class CodeView {
  readonly #code = find("code", HTMLPreElement);
  readonly #copy = find("copy", HTMLButtonElement);
  readonly #needsKey: () => boolean;
  #body: RequestBody | undefined;

  constructor(needsKey: () => boolean) {
    this.#needsKey = needsKey;
    for (const choice of document.querySelectorAll('input[name="language"]'))
      choice.addEventListener("change", () => this.#draw());
    this.#copy.addEventListener("click", () => void this.#copyCode());
  }

  show(body: RequestBody): void {
    this.#body = body;
    this.#draw();
  }

  #draw(): void {
    // The page's own address, without the slash: the proxy may live below a prefix.
    const base = new URL(".", location.href).href.replace(/\/$/, "");
    if (this.#body)
      this.#code.textContent = requestCode(chosenLanguage(), this.#body, { base, needsKey: this.#needsKey() });
  }

  async #copyCode(): Promise<void> {
    const done = await copyText(this.#code);
    this.#copy.textContent = done ? "Copied" : "Press Ctrl+C";
    find("copied", HTMLElement).textContent = done ? "The code was copied" : "The code is selected: press Ctrl+C";
    setTimeout(() => (this.#copy.textContent = "Copy"), copiedMilliseconds);
  }
}

function chosenLanguage(): Language {
  const value = document.querySelector<HTMLInputElement>('input[name="language"]:checked')?.value;
  return value === "typescript" || value === "python" ? value : "curl";
}

/**
 * Browsers offer the clipboard only to pages of https and localhost; elsewhere the code is selected, so that the user
 * can copy it.
 */
async function copyText(place: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(place.textContent ?? "");
    return true;
  } catch {
    getSelection()?.selectAllChildren(place);
    return false;
  }
}
