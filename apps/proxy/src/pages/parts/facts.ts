import { element } from "../browser/element.ts";

export type Fact = readonly [name: string, value: Node | string];

export function factList(facts: readonly Fact[]): HTMLElement {
  return element(
    "dl",
    { class: "facts" },
    ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}
