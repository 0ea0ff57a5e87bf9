import * as v from "valibot";

/** What the first line of a file says of all of them. */
export type FirstLine =
  | { readonly kind: "request"; readonly endpoint: Endpoint; readonly model: string }
  /** A batch of such lines would be refused. */
  | { readonly kind: "problem"; readonly message: string };

export const endpoints = ["/v1/rerank", "/v2/rerank", "/rerank"] as const;
export type Endpoint = (typeof endpoints)[number];

const isText = v.pipe(v.string(), v.nonEmpty());

const request = v.object({
  custom_id: isText,
  method: v.literal("POST"),
  url: v.picklist(endpoints),
  body: v.object({ model: isText }),
});

/** Looks at one line before a file of gigabytes is on its way. */
export function readFirstLine(text: string): FirstLine {
  const json = v.safeParse(v.pipe(v.string(), v.parseJson()), text);
  if (!json.success) return problem("is not JSON");
  const read = v.safeParse(request, json.output);
  if (read.success) return { kind: "request", endpoint: read.output.url, model: read.output.body.model };
  const place = v.getDotPath(read.issues[0]);
  return problem(place === null ? "is no object" : (wrong[place] ?? `has no good ${place}`));
}

const wrong: Readonly<Record<string, string>> = {
  custom_id: "has no custom_id, by which its answer is found",
  method: "has no method POST",
  url: `has no url that is one of ${endpoints.join(", ")}`,
  body: "has no body with the request",
  "body.model": "names no model in its body",
};

function problem(what: string): FirstLine {
  return {
    kind: "problem",
    message: `The first line ${what}. Each line must be like {"custom_id": "1", "method": "POST", "url": "/v1/rerank", "body": {"model": "…", "query": "…", "documents": ["…"]}}.`,
  };
}
