type Child = Node | string;

/** Makes an element. Texts become text nodes, so nothing that was typed or answered is ever read as HTML. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** The element of the page with this id. @throws Error when the page and the script do not belong together */
export function find<Kind extends HTMLElement>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} with the id ${id}`);
}

/** Shows a text, or hides its place when there is none. */
export function setText(id: string, text: string): void {
  const place = find(id, HTMLElement);
  place.textContent = text;
  place.hidden = text === "";
}

/** Puts a text into a place that is read out when it changes; such a place must never be hidden. */
export function announce(id: string, text: string): void {
  find(id, HTMLElement).textContent = text;
}
