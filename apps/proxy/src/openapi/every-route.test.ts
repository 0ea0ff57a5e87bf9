import { afterAll, beforeAll, expect, it } from "vitest";

import { type ManagedProxy, startManagedProxy } from "../fixtures/start-managed-proxy.ts";
import { foreignFormats } from "../formats/foreign/all-foreign.ts";
import { rerankAliases } from "../routes/rerank.ts";
import { openapiDocument } from "./openapi-document.ts";

/** Routes that the description has no paths of their own for, and why. */
const undescribed: ReadonlyMap<string, string> = new Map([
  ...[...Object.keys(rerankAliases), ...foreignFormats.flatMap(({ aliases }) => aliases)].map(
    (path) => [`POST ${path}`, "another address of an operation whose description names it"] as const,
  ),
  ...[
    "playground.js",
    "playground.css",
    "teams.js",
    "teams-administration.js",
    "teams.css",
    "batches.js",
    "batches.css",
    "docs.css",
    "docs.js",
    "icon.svg",
  ].map((name) => [`GET /assets/${name}`, "a file of a page"] as const),
]);

let managed: ManagedProxy;
let routes: readonly string[];

beforeAll(async () => {
  managed = await startManagedProxy();
  const { routes: listed }: Listed = JSON.parse(await (await managed.proxy.get("/routes")).text());
  routes = listed.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
});

afterAll(() => managed[Symbol.asyncDispose]());

it("has every route of the proxy, but for those that are named here with a reason", () => {
  const missing = routes.filter((route) => !described().has(route));
  expect(missing.toSorted()).toEqual([...undescribed.keys()].map(braced).toSorted());
});

it("names every other address of an operation in its description", () => {
  const descriptions = Object.values(openapiDocument().paths)
    .map(({ post }) => post?.description ?? "")
    .join("\n");
  const aliases = [...Object.keys(rerankAliases), ...foreignFormats.flatMap((format) => format.aliases)];
  expect(aliases.filter((path) => !descriptions.includes(`\`${path}\``))).toEqual([]);
});

it("has no route that the proxy does not answer", () => {
  expect([...described()].filter((route) => !routes.includes(route))).toEqual([]);
});

it("gives every operation an id of its own", () => {
  const ids = Object.values(openapiDocument().paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

interface Listed {
  readonly routes: readonly { readonly path: string; readonly methods: readonly string[] }[];
}

/** As descriptions write what stands for a part of a path. */
function braced(route: string): string {
  return route.replaceAll(/:(\w+)/g, "{$1}");
}

function described(): ReadonlySet<string> {
  return new Set(
    Object.entries(openapiDocument().paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  );
}
