import * as v from "valibot";

import { Refusal } from "../../browser/refusal.ts";
import { text } from "./values.ts";

/** Values of a query; what is undefined or empty is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Calls the proxy that served this page, as the person who is signed in. Methods throw `Refusal`; its
 * status is 0 when the proxy is out of reach.
 */
export class ManagementClient {
  readonly #refused: () => void;
  #token: string | undefined;

  /** @param refused called when the session may have ended, or may be that of somebody else who signed in in another tab */
  constructor(refused: () => void) {
    this.#refused = refused;
  }

  /** Takes the token that changes are sent with, so that no other page can make them. */
  trust(token: string | undefined): void {
    this.#token = token;
  }

  async read<Schema extends v.GenericSchema>(
    path: string,
    schema: Schema,
    query: Query = {},
  ): Promise<v.InferOutput<Schema>> {
    return parse(schema, await this.#fetch(withQuery(path, query), { method: "GET" }));
  }

  /** A page of a list that is answered as an array, and how many rows all pages have. */
  async readPage<Schema extends v.GenericSchema>(
    path: string,
    row: Schema,
    query: Query,
  ): Promise<{ readonly rows: readonly v.InferOutput<Schema>[]; readonly total: number }> {
    const response = await this.#fetch(withQuery(path, query), { method: "GET" });
    const rows = await parse(v.array(row), response);
    return { rows, total: Number(response.headers.get("x-total-count") ?? rows.length) };
  }

  /** @param body sent as JSON; members that are undefined are left out, and null takes a value away */
  async change<Schema extends v.GenericSchema>(
    path: string,
    body: object,
    schema: Schema,
    method: "POST" | "PATCH" | "DELETE" = "POST",
  ): Promise<v.InferOutput<Schema>> {
    const headers = { "content-type": "application/json" };
    return parse(schema, await this.#fetch(path, { method, headers, body: JSON.stringify(body) }));
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set("x-dheera-csrf", this.#token);
    // Relative, so that the page works below any prefix that a proxy before this one adds.
    const sent = fetch(path, { ...init, headers, cache: "no-store", credentials: "same-origin" });
    const response = await sent.catch(() => {
      throw new Refusal(
        0,
        "The proxy cannot be reached. See whether you are online and the proxy runs, then try again.",
      );
    });
    if (response.ok) return response;
    const { message, param } = await saidIn(response);
    // Whoever signed in meanwhile, in another tab, may not do what is offered here.
    if (response.status === 401 || response.status === 403) this.#refused();
    if (response.status === 401) throw new Refusal(401, "You are signed out. Sign in again to go on.");
    throw new Refusal(response.status, message ?? `The proxy answered ${response.status}`, param);
  }
}

/** What the proxy says of an error; nothing where something before it answered. */
async function saidIn(response: Response): Promise<Said> {
  const read = v.safeParse(refusalBody, await response.json().catch(() => undefined));
  return read.success ? read.output.error : {};
}

interface Said {
  readonly message?: string | undefined;
  readonly param?: string | undefined;
}

const refusalBody = v.object({ error: v.object({ message: v.string(), param: text }) });

async function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  response: Response,
): Promise<v.InferOutput<Schema>> {
  const read = v.safeParse(schema, await response.json());
  if (read.success) return read.output;
  const [issue] = read.issues;
  const place = v.getDotPath(issue) ?? "its whole";
  throw new Refusal(
    response.status,
    `This page does not understand an answer of the proxy (${place}). Load the page anew: the proxy may have been upgraded.`,
  );
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
