import { DheeraError } from "@dheera-ai/core";

/**
 * Refuses an address of which a part cannot be decoded: `%ZZ`, or bytes that are no UTF-8. Every route would otherwise read it in a
 * way of its own. To be asked of addresses with a percent sign.
 * @throws DheeraError `invalid_request` saying where, without what stands there, which may be a key
 */
export function checkAddress(url: string): void {
  const { path, query } = split(url);
  path.forEach((part, index) => {
    if (decode(part) === undefined) throw unreadable(`part ${index + 1} of the path`, "path");
  });
  query.forEach((pair, index) => {
    const equals = pair.indexOf("=");
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (name === undefined) throw unreadable(`the name of parameter ${index + 1}`, "query");
    if (equals >= 0 && decode(pair.slice(equals + 1)) === undefined) {
      const shown = name.slice(0, 100).toWellFormed();
      throw unreadable(`the parameter ${/^[\w.-]+$/.test(shown) ? shown : index + 1}`, shown);
    }
  });
}

/**
 * What stands at one place of the path, decoded; empty where there is nothing.
 * @param index from 0: that of `ada` in `/user/ada/info` is 1
 * @throws DheeraError `invalid_request` for what is no plain text
 */
export function partOfPath(url: string, index: number): string {
  return plain(split(url).path[index] ?? "", index);
}

/** The same of everything from there on: names of models may hold slashes. @throws DheeraError as `partOfPath` */
export function restOfPath(url: string, index: number): string {
  return plain(split(url).path.slice(index).join("/"), index);
}

/** Neither databases nor headers take a text with NUL. */
function plain(encoded: string, index: number): string {
  const text = decode(encoded);
  if (text === undefined || text.includes("\0")) throw unreadable(`part ${index + 1} of the path`, "path");
  return text;
}

function split(url: string): { readonly path: readonly string[]; readonly query: readonly string[] } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const [address = ""] = url.slice(start).split("#", 1);
  const question = address.indexOf("?");
  const path = question < 0 ? address : address.slice(0, question);
  return {
    path: path.slice(1).split("/"),
    query: question < 0 ? [] : address.slice(question + 1).split("&"),
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unreadable(place: string, param: string): DheeraError {
  return new DheeraError(
    "invalid_request",
    `${place} cannot be decoded: it must be UTF-8 without NUL, each byte that is no letter as % and two hexadecimal digits; encodeURIComponent writes it so`,
    { param },
  );
}
