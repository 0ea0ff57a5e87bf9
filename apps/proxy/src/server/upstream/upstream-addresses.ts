/** A URL in the parts that a request is made of. */
export interface UpstreamAddress {
  readonly href: string;
  readonly origin: string;
  /** With the query. */
  readonly path: string;
}

/** A configuration has far fewer; a library user could make up any number. */
const most = 1_000;

/** Parses each URL once: upstreams are few and asked often. */
export class UpstreamAddresses {
  readonly #known = new Map<string, UpstreamAddress>();

  /** @throws TypeError for what is no URL */
  of(url: string): UpstreamAddress {
    const known = this.#known.get(url);
    if (known) return known;
    const { href, origin, pathname, search } = new URL(url);
    const address = { href, origin, path: pathname + search };
    if (this.#known.size >= most) this.#known.clear();
    this.#known.set(url, address);
    return address;
  }
}
