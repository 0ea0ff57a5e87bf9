import { validate } from "@readme/openapi-parser";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Conformance, type Description, type Endpoint, type Operation } from "./api-description.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { type RandomRequest, randomRequests } from "./random-requests.ts";
import { createFolder } from "../support/temporary-folder.ts";

const masterKey = "sk-master-1234";
const teamKey = "sk-team-1234";

/** What of a database random requests may find: the examples make some of it. */
const ids = ["research", "ada", "acme", "small", "pager"];

const configuration = (storage: string): string => `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
  - model_name: bm25-other
    dheera_ai_params: { model: bm25/default }
general_settings:
  master_key: ${masterKey}
  database_url: "sqlite::memory:"
  keys:
    - name: team
      key: os.environ/TEAM_KEY
      models: [bm25]
      rpm: 1000000
      dpm: 1000000
batch_settings: { storage: ${JSON.stringify(storage)} }
`;

/** What is in an uploaded file. */
const line = JSON.stringify({
  custom_id: "1",
  method: "POST",
  url: "/v1/rerank",
  body: { model: "bm25", query: "Sundays", documents: ["The library lends books.", "It is closed on Sundays."] },
});

describe("/openapi.json", () => {
  const stack = new AsyncDisposableStack();
  let proxy: ProxyProcess;
  let description: Description;
  let conformance: Conformance;
  /** Ids that the proxy has given to files and batches, by those that examples show. */
  const made = new Map<string, string>();

  beforeAll(async () => {
    const storage = stack.use(await createFolder());
    const folder = stack.use(await createFolder({ "config.yaml": configuration(storage.path) }));
    proxy = await startProxy(`${folder.path}/config.yaml`, {
      TEAM_KEY: teamKey,
      DHEERA_AI_SALT_KEY: "a-salt-key-of-the-fuzzer",
    });
    const response = await fetch(`${proxy.url}/openapi.json`);
    description = await response.json();
    conformance = new Conformance(description);
  });

  afterAll(async () => {
    expect(await proxy.stop()).toBe(0);
    await stack.disposeAsync();
  });

  it("is valid OpenAPI 3.1", async () => {
    const response = await fetch(`${proxy.url}/openapi.json`);
    expect(await validate(await response.json())).toMatchObject({ valid: true, warnings: [] });
  });

  it("has examples of requests that are answered", async () => {
    for (const endpoint of inOrder(endpointsOf(description))) {
      const operation = conformance.operation(endpoint);
      for (const [mediaType, value] of examplesOf(operation)) {
        const request = { ...endpoint, address: exampleAddress(endpoint.path, operation), query: {}, headers: {} };
        const response =
          mediaType === "multipart/form-data"
            ? await upload(proxy, request.address, value)
            : await send(proxy, { ...request, key: masterKey, body: withMadeIds(JSON.stringify(value), made) });
        const answer = await response.text();
        expect(conformance.problemsOf(endpoint, response, answer)).toEqual([]);
        expect(response.status, `${endpoint.method} ${endpoint.path}`).toBe(200);
        if (operation.tags?.includes("Batches")) made.set(shownId(operation), JSON.parse(answer).id);
      }
    }
    expect([...made.values()]).toEqual([expect.stringMatching(/^file-/), expect.stringMatching(/^batch_/)]);
  });

  it("foresees the answers to 4,000 random requests, none of which the proxy fails at", async () => {
    const statuses: number[] = [];
    const requests = randomRequests(description, {
      keys: [masterKey, masterKey, teamKey],
      models: ["bm25", "bm25-other"],
      ids: [...ids, ...made.values()],
    });
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const response = await send(proxy, request);
        const answer = await response.text();
        statuses.push(response.status);
        expect(conformance.problemsOf(request, response, answer)).toEqual([]);
        if (response.status >= 500) expect(answer).toSatisfy(() => mayTimeOut(request));
        // An empty body is none.
        if (response.ok && request.body)
          expect(conformance.allowsRequest(request, JSON.parse(request.body))).toBe(true);
      }),
      { numRuns: 4_000 },
    );
    // Requests of every kind were among them.
    const count = (status: number): number => statuses.filter((one) => one === status).length;
    expect(count(200)).toBeGreaterThan(500);
    for (const status of [400, 401, 403, 404]) expect(count(status), `answers ${status}`).toBeGreaterThan(20);
  }, 600_000);
});

function endpointsOf({ paths }: Description): readonly Endpoint[] {
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method })));
}

/** What is deleted in an example was made by others before, and what was made first belongs to nothing. */
function inOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const [deleting, others] = [true, false].map((isDeleting) =>
    endpoints.filter(({ path }) => path.endsWith("/delete") === isDeleting),
  );
  return [...(others ?? []), ...(deleting ?? []).toReversed()];
}

function examplesOf({ requestBody }: Operation): readonly (readonly [mediaType: string, value: unknown])[] {
  return Object.entries(requestBody?.content ?? {}).flatMap(([mediaType, { examples }]) =>
    Object.values(examples).map(({ value }) => [mediaType, value] as const),
  );
}

/** The id of the answer that is shown for an operation. */
function shownId({ responses }: Operation): string {
  const value = responses["200"]?.content?.["application/json"]?.examples?.["example"]?.value;
  return String(value?.["id"]);
}

function withMadeIds(body: string, made: ReadonlyMap<string, string>): string {
  return [...made].reduce((text, [shown, id]) => text.replaceAll(shown, id), body);
}

/** Sends a form; a file is shown as curl names it, with an `@`. */
function upload(proxy: ProxyProcess, address: string, fields: unknown): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields ?? {}))
    if (String(value).startsWith("@")) form.append(name, new Blob([line]), String(value).slice(1));
    else form.append(name, String(value));
  return fetch(`${proxy.url}${address}`, {
    method: "POST",
    headers: { authorization: `Bearer ${masterKey}` },
    body: form,
  });
}

/** Each parameter of the path has its example in its place. */
function exampleAddress(path: string, { parameters = [] }: Operation): string {
  return parameters.reduce(
    (filled, { in: place, name, example = name }) => (place === "path" ? filled.replace(`{${name}}`, example) : filled),
    path,
  );
}

function send(proxy: ProxyProcess, { address, method, query, headers, body, key }: RandomRequest): Promise<Response> {
  return fetch(`${proxy.url}${address}?${new URLSearchParams(query)}`, {
    method: method.toUpperCase(),
    headers: {
      ...headers,
      "content-type": "application/json",
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    ...(body !== undefined && { body }),
  });
}

/** A request may ask for less time than anything takes. */
function mayTimeOut({ body = "null" }: RandomRequest): boolean {
  const parsed: unknown = JSON.parse(body);
  const timeout: unknown = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "timeout") : undefined;
  return typeof timeout === "number" && timeout < 5;
}
