import { find } from "../../browser/element.ts";
import { asLanguage, rememberKey, rememberLanguage, rememberedLanguage } from "../../browser/remembered.ts";
import type { Language } from "../../code/language.ts";
import { offerTrial } from "./trial.ts";

const key = find("key", HTMLInputElement);
const access = find("access", HTMLFormElement);
const exampleBase = "http://localhost:4000";

access.hidden = false;
rememberKey(access, key, () => {});
showOwnAddress();
rememberChoices();
for (const part of document.querySelectorAll<HTMLDetailsElement>(".try")) offerTrial(part, () => key.value.trim());
unfoldContents();

/** On a wide screen the contents stand beside the text. The style shows them too, where there is no script. */
function unfoldContents(): void {
  const contents = document.querySelector<HTMLDetailsElement>(".contents details");
  const isWide = matchMedia("(min-width: 52rem)");
  if (contents) contents.open = isWide.matches;
  isWide.addEventListener("change", ({ matches }) => {
    if (contents) contents.open = matches;
  });
}

/** The proxy may live at another address, and below a prefix. */
function showOwnAddress(): void {
  const base = new URL(".", location.href).href.replace(/\/$/, "");
  for (const code of document.querySelectorAll("pre[data-language]"))
    code.textContent = (code.textContent ?? "").replaceAll(exampleBase, base);
}

/** A language that is chosen once is chosen everywhere. */
function rememberChoices(): void {
  chooseEverywhere(rememberedLanguage());
  for (const choice of document.querySelectorAll<HTMLInputElement>(".call input[type=radio]"))
    choice.addEventListener("change", () => {
      const before = choice.getBoundingClientRect().top;
      rememberLanguage(asLanguage(choice.value));
      chooseEverywhere(asLanguage(choice.value));
      // Examples above have changed their heights: what was clicked stays where it was.
      scrollBy({ top: choice.getBoundingClientRect().top - before, behavior: "instant" });
    });
}

function chooseEverywhere(language: Language): void {
  for (const choice of document.querySelectorAll<HTMLInputElement>(`.call input[value="${language}"]`))
    choice.checked = true;
}
