const name = "dheera-ai-key";

/** Keeps the key that is typed for as long as the tab is open. */
export function rememberKey(form: HTMLFormElement, field: HTMLInputElement, changed: () => void): void {
  field.value = sessionStorage.getItem(name) ?? "";
  field.addEventListener("change", () => {
    sessionStorage.setItem(name, field.value.trim());
    changed();
  });
  // The enter key also tells of a change, before this.
  form.addEventListener("submit", (event) => event.preventDefault());
}
