import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ManagedProxy, masterKey, startManagedProxy } from "../fixtures/start-managed-proxy.ts";
import { describeOnEachDatabase } from "../../../../packages/teams/src/testing/each-database.ts";

/** Pieces that cannot be decoded: no hexadecimal digits, UTF-8 that is cut, too long, beyond Unicode or half of a character. */
const undecodable = [
  "%",
  "%Z",
  "%ZZ",
  "%2",
  "%E0%A4%A",
  "%E0%A4",
  "%C0%80",
  "%F5%80%80%80",
  "%ED%A0%80",
  "%FF",
  "%u0041",
];
const decodable = [
  "a",
  "%61",
  "%2F",
  "%25",
  "%25ZZ",
  "%00",
  "%C3%A4",
  "%F0%9F%98%80",
  "%0D%0A",
  "sk-1",
  "+",
  "%20",
  "'",
  "%22",
];

describe("an address that cannot be decoded", () => {
  let managed: ManagedProxy;
  beforeAll(async () => {
    managed = await startManagedProxy();
  });
  afterAll(() => managed[Symbol.asyncDispose]());

  it.each([
    ["POST", "/key/%E0%A4%A/regenerate", "part 2 of the path"],
    ["PATCH", "/model/%ZZ/update", "part 2 of the path"],
    ["GET", "/v1/models/a/%C0%80", "part 4 of the path"],
    ["GET", "/%ZZ", "part 1 of the path"],
    ["GET", "/key/info?key=%", "the parameter key"],
    ["GET", "/key/list?page=1&te%61m_id=%E0%A4", "the parameter team_id"],
    ["GET", "/key/list?page=1&%ZZ=2", "the name of parameter 2"],
    ["POST", "/v2/rerank?a=%ED%A0%80", "the parameter a"],
    ["GET", "/health/liveliness?%FF", "the name of parameter 1"],
  ])("is refused with the place: %s %s", async (method, path, place) => {
    const { status, body, text } = await managed.call(method, path, method === "GET" ? undefined : {});
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(place), error: { code: "invalid_request" }, id: expect.any(String) },
    });
    expect(text).not.toContain("%Z");
  });

  it("does not repeat what was sent, which may be a key", async () => {
    const { text } = await managed.call("POST", "/key/sk-a-key-of-somebody%ZZ/regenerate", {});
    expect(text).not.toContain("sk-a-key");
  });
});

describeOnEachDatabase("addresses of all routes", (database) => {
  let managed: ManagedProxy;
  let routes: readonly (readonly [method: string, path: string])[];
  beforeAll(async () => {
    managed = await startManagedProxy({ url: await database.createDatabase() });
    const listed: Listed = JSON.parse(await (await managed.proxy.get("/routes")).text());
    routes = listed.routes.flatMap(({ path, methods }) => methods.map((method) => [method, path] as const));
  });
  afterAll(() => managed[Symbol.asyncDispose]());

  it("make no route fail, and are refused where one of their parts cannot be decoded", async () => {
    const piece = fc.array(fc.constantFrom(...undecodable, ...decodable, ...decodable), { minLength: 1, maxLength: 4 });
    const address = fc.record({
      route: fc.nat(),
      parts: piece,
      names: fc.array(fc.oneof(fc.constantFrom("key", "team_id", "page", "user_id", "model", "start_date"), piece), {
        maxLength: 3,
      }),
      values: fc.array(piece, { minLength: 3, maxLength: 3 }),
    });
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(address, async ({ route, parts, names, values }) => {
        const [method, pattern] = routes[route % routes.length] ?? ["GET", "/"];
        const path = pattern.replaceAll(/\{\w+\}|:\w+/g, () => textOf(parts));
        const query = names.map((name, index) => `${textOf(name)}=${textOf(values[index])}`).join("&");
        const sent = `${path}${query && "?"}${query}`;
        const response = await fetch(`${managed.proxy.url}${sent}`, {
          method,
          redirect: "manual",
          headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
          ...(method !== "GET" && { body: "{}" }),
        });
        await response.text();
        statuses.add(response.status);
        expect(response.status, `${method} ${sent}`).toBeLessThan(500);
        if (!canDecode(sent)) expect(response.status, `${method} ${sent}`).toBe(400);
      }),
      { numRuns: 1_500 },
    );
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]));
  }, 120_000);
});

interface Listed {
  readonly routes: readonly { readonly path: string; readonly methods: readonly string[] }[];
}

function textOf(pieces: string | readonly string[] = ""): string {
  return typeof pieces === "string" ? pieces : pieces.join("");
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
