import { element } from "../../browser/element.ts";
import { named } from "../../parts/words.ts";
import { type Address, writeAddress } from "../state/address.ts";

/** Leads to another section of the page. */
export function linkTo(address: Omit<Address, "choices"> & Partial<Address>, name: string): HTMLAnchorElement {
  return element("a", { href: writeAddress(address) }, named(name));
}
