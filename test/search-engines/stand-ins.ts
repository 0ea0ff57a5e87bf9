import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import * as v from "valibot";

import { serveHttp } from "../support/serve-http.ts";

/** What the engines of this file have found: a second of them has the same text. */
export const found = [
  { id: "nevada", text: "Carson City is the capital of Nevada." },
  { id: "usa", text: "Washington, D.C. is the capital of the United States." },
  { id: "islands", text: "Saipan is the capital of the Northern Mariana Islands." },
  { id: "nevada-again", text: "Carson City is the capital of Nevada." },
] as const;

export interface StandIn extends AsyncDisposable {
  readonly url: string;
}

const queried = v.strictObject({
  query: v.array(v.number()),
  limit: v.pipe(v.number(), v.integer(), v.minValue(1)),
  with_payload: v.array(v.string()),
});

/** Qdrant as far as its OpenAPI description of `POST /collections/{name}/points/query` goes. */
export function startQdrant(points: readonly { readonly id: string; readonly text: string }[]): Promise<StandIn> {
  return serveHttp((request, response) => {
    void (async () => {
      const body = await text(request);
      // Its client asks for the version first.
      if (request.url === "/") return send(response, 200, { title: "qdrant", version: "1.19.0", commit: "0" });
      if (request.method !== "POST" || request.url?.split("?")[0] !== "/collections/capitals/points/query")
        return send(response, 404, { status: { error: `Not found: ${request.url}` }, time: 0.001 });
      const { success, output } = v.safeParse(queried, JSON.parse(body));
      if (!success) return send(response, 400, { status: { error: "Format error in JSON body" }, time: 0.001 });
      const scored = points.slice(0, output.limit).map(({ id, text: written }, rank) => ({
        id,
        version: 3,
        score: 1 - rank / 10,
        payload: Object.fromEntries(
          Object.entries({ text: written }).filter(([name]) => output.with_payload.includes(name)),
        ),
      }));
      return send(response, 200, { result: { points: scored }, status: "ok", time: 0.001 });
    })();
  });
}

const searched = v.object({
  yql: v.literal("select id, text from capitals where userQuery()"),
  query: v.pipe(v.string(), v.nonEmpty()),
  hits: v.pipe(v.number(), v.integer(), v.maxValue(400)),
  "ranking.profile": v.string(),
});

/** Vespa as far as the reference of its default JSON result format goes: hits, a group among them, and errors beside them. */
export function startVespa(
  hits: readonly { readonly id: string; readonly text: string }[],
  errors: readonly object[] = [],
): Promise<StandIn> {
  return serveHttp((request, response) => {
    void (async () => {
      const body = await text(request);
      if (request.method !== "POST" || request.url?.split("?")[0] !== "/search/") return send(response, 404, {});
      const { success, output } = v.safeParse(searched, JSON.parse(body));
      if (!success)
        return send(response, 400, {
          root: {
            id: "toplevel",
            relevance: 1,
            fields: { totalCount: 0 },
            errors: [{ code: 4, summary: "Invalid query parameter", message: "Could not set a parameter" }],
          },
        });
      const children = hits.slice(0, output.hits).map((fields, rank) => ({
        id: `index:capitals/0/${rank}`,
        relevance: 10 - rank,
        source: "capitals",
        fields,
      }));
      return send(response, 200, {
        root: {
          id: "toplevel",
          relevance: 1,
          fields: { totalCount: hits.length },
          coverage: { coverage: 100, documents: hits.length, full: true, nodes: 1, results: 1, resultsFull: 1 },
          ...(errors.length > 0 && { errors }),
          ...(children.length > 0 && { children: [...children, { id: "group:root:0", relevance: 1, children: [] }] }),
        },
      });
    })();
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
