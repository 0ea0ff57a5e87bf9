import type { Language } from "../code/language.ts";

const keyName = "dheera-ai-key";
const languageName = "dheera-ai-language";

/** Keeps the typed key for as long as the tab is open, for every page of this proxy. */
export function rememberKey(accessForm: HTMLFormElement, field: HTMLInputElement, changed: () => void): void {
  field.value = sessionStorage.getItem(keyName) ?? "";
  field.addEventListener("change", () => {
    sessionStorage.setItem(keyName, field.value.trim());
    changed();
  });
  // The enter key fires `change` as well, before this.
  accessForm.addEventListener("submit", (event) => event.preventDefault());
}

/** The language of examples that was chosen last in this browser. */
export function rememberedLanguage(): Language {
  return asLanguage(localStorage.getItem(languageName));
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(languageName, language);
}

/** @returns `curl` for a text that is no language */
export function asLanguage(text: string | null | undefined): Language {
  return text === "typescript" || text === "python" ? text : "curl";
}
