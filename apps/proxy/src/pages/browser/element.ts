type Child = Node | string;

/** Makes an element. Texts become text nodes, so that typed and answered texts are never read as HTML. */
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

/** The element of the page with this id. @throws Error when the page has no such element */
export function find<Kind extends HTMLElement>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} with the id ${id}`);
}

/** Shows a text, or hides its element when the text is empty. */
export function setText(id: string, text: string): void {
  const place = find(id, HTMLElement);
  place.textContent = text;
  place.hidden = text === "";
}

/**
 * Sets the text of a live region, which screen readers announce when it changes; a live region must never be hidden.
 */
export function announce(id: string, text: string): void {
  find(id, HTMLElement).textContent = text;
}
