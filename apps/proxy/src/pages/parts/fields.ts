import { element } from "../browser/element.ts";

interface FieldOptions {
  readonly label: string;
  readonly value?: string | number | undefined;
  readonly hint?: string;
  readonly type?: "text" | "number" | "email" | "password" | "url" | "date";
  readonly isRequired?: boolean;
  readonly placeholder?: string;
  /** Texts that are offered while one types. */
  readonly offers?: readonly string[];
}

let made = 0;

export function textField(name: string, options: FieldOptions): HTMLElement {
  const { label, value, hint, type = "text", isRequired = false, placeholder, offers } = options;
  const id = `field-${++made}`;
  const input = element("input", {
    id,
    name,
    type,
    autocomplete: "off",
    ...(value !== undefined && { value: String(value) }),
    ...(type === "number" && { min: "0", step: "any", inputmode: "decimal" }),
    ...(isRequired && { required: "" }),
    ...(placeholder !== undefined && { placeholder }),
    ...(hint !== undefined && { "aria-describedby": `${id}-hint` }),
    ...(offers && { list: `${id}-offers` }),
  });
  return element(
    "div",
    { class: "field" },
    element("label", { for: id }, label),
    input,
    ...(hint === undefined ? [] : [element("span", { id: `${id}-hint`, class: "quiet" }, hint)]),
    ...(offers
      ? [element("datalist", { id: `${id}-offers` }, ...offers.map((offer) => element("option", { value: offer })))]
      : []),
  );
}

/** @param offers what is sent, with its words */
export function choiceField(
  name: string,
  label: string,
  offers: readonly (readonly [value: string, words: string])[],
  chosen: string | undefined = "",
): HTMLElement {
  const known = offers.some(([value]) => value === chosen);
  const select = element(
    "select",
    { name, id: `field-${++made}` },
    ...[...offers, ...(known ? [] : [[chosen, chosen] as const])].map(([value, words]) =>
      element("option", { value, ...(value === chosen && { selected: "" }) }, words),
    ),
  );
  return element("label", { class: "field select" }, label, select);
}

/** Boxes of which several can be ticked. @param offers what is sent, with its words where it is not its own */
export function boxesField(
  name: string,
  label: string,
  hint: string,
  offers: readonly (string | readonly [value: string, words: string])[],
  ticked: readonly string[],
): HTMLElement {
  const words = new Map(offers.map((offer) => (typeof offer === "string" ? [offer, offer] : offer)));
  for (const value of ticked) if (!words.has(value)) words.set(value, value);
  const all = [...words];
  return element(
    "fieldset",
    { class: "boxes" },
    element("legend", {}, label),
    element("p", { class: "quiet" }, hint),
    element(
      "div",
      { class: "ticks", ...(all.length > 8 && { tabindex: "0" }) },
      ...all.map(([offer, word]) =>
        element(
          "label",
          { class: "check" },
          element("input", { type: "checkbox", name, value: offer, ...(ticked.includes(offer) && { checked: "" }) }),
          element("bdi", {}, word),
        ),
      ),
    ),
  );
}

/** Fields beside each other, where there is room. */
export function fieldRow(...fields: readonly Node[]): HTMLElement {
  return element("div", { class: "row" }, ...fields);
}
