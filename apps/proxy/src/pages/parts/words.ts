import { element } from "../browser/element.ts";
import { dateTime } from "./amounts.ts";

/** A name that people chose: in its own direction of writing, whatever it is made of. */
export function named(name: string, size?: "small"): HTMLElement {
  const shown = element("bdi", { class: "name", title: name }, name);
  return size === "small" ? element("small", {}, shown) : shown;
}

/** A time in the reader's own zone. */
export function timeOf(value: string | undefined, otherwise: string): HTMLElement {
  if (value === undefined || Number.isNaN(Date.parse(value))) return element("span", { class: "quiet" }, otherwise);
  return element("time", { datetime: value }, dateTime(value));
}

/** What something is in: a dot and a word, because colour alone says nothing to some. */
export function stateMark(state: string, word: string): HTMLElement {
  return element("span", { class: "state", "data-state": state }, word);
}

export function quiet(text: string): HTMLElement {
  return element("small", {}, text);
}

/** A button. */
export function button(
  text: string,
  pressed: () => void,
  kind: "plain" | "primary" | "danger" = "plain",
): HTMLButtonElement {
  const made = element("button", { type: "button", ...(kind !== "plain" && { class: kind }) }, text);
  made.addEventListener("click", pressed);
  return made;
}

/** Several buttons of the same word need more than the word for those who hear them. */
export function forOne(name: string, made: HTMLButtonElement): HTMLButtonElement {
  made.setAttribute("aria-label", `${made.textContent} ${name}`);
  return made;
}

/** For buttons that take each other's place: the keyboard stays at the one that comes. */
export function inPlace(place: string, made: HTMLButtonElement): HTMLButtonElement {
  made.dataset["place"] = place;
  return made;
}
