import { type PageState, readPageState } from "./page-state.ts";

/** Longer links are cut by mail programs and chats. */
const mostLinkCharacters = 16_000;
/** A short link can hold a long text: what it may unfold to is bounded. */
const mostStateBytes = 4_000_000;

const name = "#state=";

/**
 * The fragment of a link to this form. Browsers do not send fragments to servers.
 * @returns undefined when the form is too large for a link
 */
export async function writeFragment(state: PageState): Promise<string | undefined> {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  if (bytes.length > mostStateBytes) return undefined;
  const fragment = name + toBase64Url(await pass(bytes, new CompressionStream("deflate-raw")));
  return fragment.length > mostLinkCharacters ? undefined : fragment;
}

/** The form of a link; undefined for a fragment without one, or with one that is damaged. */
export async function readFragment(fragment: string): Promise<PageState | undefined> {
  if (!fragment.startsWith(name)) return undefined;
  try {
    const bytes = await pass(fromBase64Url(fragment.slice(name.length)), new DecompressionStream("deflate-raw"));
    return readPageState(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

/** @throws Error when more than `mostStateBytes` come out */
async function pass(
  bytes: Uint8Array<ArrayBuffer>,
  through: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(through).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (size > mostStateBytes) throw new Error("the state is too large");
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
