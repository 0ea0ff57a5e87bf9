/** As much of a browser as a sign-in needs: cookies by host, redirects one by one, forms. */
export class Browser {
  /** By host, then by name. */
  readonly cookies = new Map<string, Map<string, string>>();
  /** Addresses that it went to. */
  readonly visited: string[] = [];
  /** Where it does not go by itself: what comes then is for the test. */
  stopsAt: string | undefined;
  readonly #ownOrigin: string;
  readonly #own: (request: Request) => Promise<Response> | Response;

  /** @param own answers requests to `ownOrigin`; others go over the network */
  constructor(ownOrigin: string, own: (request: Request) => Promise<Response> | Response) {
    this.#ownOrigin = ownOrigin;
    this.#own = own;
  }

  /** Of another person: it knows nothing of this one. */
  another(): Browser {
    return new Browser(this.#ownOrigin, this.#own);
  }

  /** One request, with its cookies; what it answers is not followed. */
  async ask(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address);
    this.visited.push(url.href);
    const headers = new Headers(init.headers);
    headers.set("host", url.host);
    const jar = this.cookies.get(url.host) ?? new Map<string, string>();
    this.cookies.set(url.host, jar);
    if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const request = new Request(url, { ...init, headers, redirect: "manual" });
    const answer = url.origin === this.#ownOrigin ? await this.#own(request) : await fetch(request);
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = "", ...attributes] = cookie.split(/; */);
      const at = pair.indexOf("=");
      const isOver = attributes.some((text) => /^max-age=0$/i.test(text) || /^expires=thu, 01 jan 1970/i.test(text));
      if (isOver) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  /** Goes to an address and on to where its answers lead, until one is a page. */
  async visit(address: string, init?: RequestInit): Promise<Page> {
    let here = address;
    let answer = await this.ask(here, init);
    for (let steps = 0; steps < 20; steps++) {
      const next = answer.headers.get("location");
      if (next === null) break;
      here = new URL(next, here).href;
      if (this.stopsAt !== undefined && here.startsWith(this.stopsAt))
        return { address: here, status: answer.status, text: "", headers: answer.headers };
      answer = await this.ask(here);
    }
    return { address: here, status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  /** Sends the form of a page, with these fields beside its hidden ones. */
  submit({ address, text }: Page, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const action = /<form[^>]*action="([^"]*)"/.exec(text)?.[1] ?? address;
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const body = new URLSearchParams([
      ...hidden.map(([, name = "", value = ""]) => [name, value]),
      ...Object.entries(fields),
    ]);
    return this.visit(new URL(action, address).href, { method: "POST", body });
  }
}

export interface Page {
  readonly address: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}
