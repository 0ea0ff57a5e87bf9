import * as v from "valibot";

import { Refusal } from "../../browser/refusal.ts";
import { type Batch, type File, type Listed, batchSchema, fileSchema, listOf } from "./objects.ts";

/** Where the API lies, seen from this page: relative, so that it works below any prefix that a proxy before this one adds. */
export const root = "..";

export interface BatchAsked {
  readonly fileId: string;
  readonly endpoint: string;
  readonly window: string;
}

/** Calls the proxy that served this page, with the key that was typed. Methods throw `Refusal`, whose status is 0 where nothing answers. */
export class BatchClient {
  readonly #key: () => string;

  constructor(key: () => string) {
    this.#key = key;
  }

  /** Newest first. @param after the last id of the page before */
  batches(limit: number, after: string | undefined): Promise<Listed<Batch>> {
    const query = new URLSearchParams({ limit: String(limit), ...(after !== undefined && { after }) });
    return this.#look(`batches?${query}`, listOf(batchSchema));
  }

  batch(id: string): Promise<Batch> {
    return this.#look(`batches/${encodeURIComponent(id)}`, batchSchema);
  }

  /** The newest, for their names. */
  async files(): Promise<readonly File[]> {
    return (await this.#look("files?purpose=batch&limit=100", listOf(fileSchema))).data;
  }

  file(id: string): Promise<File> {
    return this.#look(`files/${encodeURIComponent(id)}`, fileSchema);
  }

  create({ fileId, endpoint, window }: BatchAsked): Promise<Batch> {
    return this.#change("batches", { input_file_id: fileId, endpoint, completion_window: window }, batchSchema);
  }

  cancel(id: string): Promise<Batch> {
    return this.#change(`batches/${encodeURIComponent(id)}/cancel`, {}, batchSchema);
  }

  /** An address that opens the file without a key, for a minute. */
  async link(fileId: string): Promise<string> {
    const { url } = await this.#change(`files/${encodeURIComponent(fileId)}/link`, {}, v.object({ url: v.string() }));
    return root + url;
  }

  /** The file as it arrives; whoever has read enough cancels the stream. */
  async content(fileId: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { body } = await this.#fetch(`files/${encodeURIComponent(fileId)}/content`);
    if (body === null) throw new Refusal(0, "The file came without its content. Try again.");
    return body;
  }

  /** With which every request goes. */
  headers(): Readonly<Record<string, string>> {
    const key = this.#key();
    return key === "" ? {} : { authorization: `Bearer ${key}` };
  }

  async #look<Output>(path: string, schema: v.GenericSchema<unknown, Output>): Promise<Output> {
    // Asked every second: the log leaves it out.
    return parse(schema, await this.#fetch(path, { headers: { "x-dheera-background": "true" } }));
  }

  async #change<Output>(path: string, body: object, schema: v.GenericSchema<unknown, Output>): Promise<Output> {
    const headers = { "content-type": "application/json" };
    return parse(schema, await this.#fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ ...this.headers() });
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    const sent = fetch(`${root}/v1/${path}`, { ...init, headers, cache: "no-store" });
    const response = await sent.catch(() => {
      throw new Refusal(0, outOfReach);
    });
    if (response.ok) return response;
    throw refusalOf(response.status, await response.text().catch(() => ""), this.#key() !== "");
  }
}

export const outOfReach = "The proxy cannot be reached. See whether you are online and the proxy runs, then try again.";

/** What the proxy says of an error. @param body as it was answered, whoever answered it */
export function refusalOf(status: number, body: string, hasKey: boolean): Refusal {
  if (status === 401) return new Refusal(401, hasKey ? keyUnknown : keyNeeded);
  const said = v.safeParse(refusalBody, body);
  if (!said.success) return new Refusal(status, `The proxy answered ${status}`);
  return new Refusal(status, said.output.error.message, said.output.error.param ?? undefined);
}

/** In place of the proxy's own message, which is for people who write programs. */
const keyNeeded = "This proxy needs a key. Type yours into the field Key at the top; it stays in this tab.";
const keyUnknown = "This proxy does not accept that key. Look for a letter that is missing, or ask who runs the proxy.";

const refusalBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ error: v.object({ message: v.string(), param: v.nullish(v.string()) }) }),
);

async function parse<Output>(schema: v.GenericSchema<unknown, Output>, response: Response): Promise<Output> {
  const read = v.safeParse(schema, await response.json().catch(() => undefined));
  if (read.success) return read.output;
  const place = v.getDotPath(read.issues[0]) ?? "its whole";
  throw new Refusal(
    response.status,
    `This page does not understand an answer of the proxy (${place}). Load the page anew: the proxy may have been upgraded.`,
  );
}
