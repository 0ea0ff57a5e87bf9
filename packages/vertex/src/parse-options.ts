import { DheeraError, type Target } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/** The keys of `dheera_ai_params` that are Vertex AI's own, under the names that LiteLLM has for them. */
export interface Options {
  /** The project that is asked and billed; that of the credentials when absent. */
  readonly project: string | undefined;
  readonly location: string;
  /** Credentials of this deployment: an object, its JSON, or the path of a file with it. */
  readonly credentials: string | object | undefined;
  /** What callers are told of a location of the environment that has no rerankers. */
  readonly warnings: readonly string[];
}

/** @throws DheeraError `invalid_request` */
export function parseOptions({ options, apiKey, apiBase }: Target, environment: Environment): Options {
  const parsed = v.safeParse(schema, options);
  if (!parsed.success) throw refusal(parsed.issues[0]);
  const { vertex_project, vertex_ai_project, vertex_location, vertex_ai_location, ...credentials } = parsed.output;
  return {
    project: vertex_project ?? vertex_ai_project ?? textOf(environment["VERTEXAI_PROJECT"]),
    // A key that is given for exactly this deployment is a text with credentials too.
    credentials: credentials.vertex_credentials ?? credentials.vertex_ai_credentials ?? textOf(apiKey),
    ...locationOf(vertex_location ?? vertex_ai_location, apiBase, environment),
  };
}

/** Discovery Engine ranks everywhere, or in one of two regions of many data centres. */
const locations: ReadonlySet<string> = new Set(["global", "us", "eu"]);

/**
 * A location that a deployment names is kept to, because documents may not leave it. `VERTEXAI_LOCATION` is most often
 * that of other models: LiteLLM ignores it, and here it counts where it can.
 */
function locationOf(
  own: string | undefined,
  apiBase: string | undefined,
  environment: Environment,
): Pick<Options, "location" | "warnings"> {
  if (own !== undefined) {
    if (!locations.has(own) && apiBase === undefined)
      throw new DheeraError(
        "invalid_request",
        "vertex_location must be global, us or eu, where Google has its rerankers; for another one set api_base too",
        { param: "vertex_location", provider: "vertex_ai" },
      );
    return { location: own, warnings: [] };
  }
  const ofEnvironment = textOf(environment["VERTEXAI_LOCATION"]);
  if (ofEnvironment === undefined || locations.has(ofEnvironment))
    return { location: ofEnvironment ?? "global", warnings: [] };
  return {
    location: "global",
    warnings: [
      "VERTEXAI_LOCATION has no rerankers; documents go to the location global; set vertex_location: us, or eu",
    ],
  };
}

/** Without the spaces and the end of a line that a file leaves around it. */
export function textOf(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}

function refusal(issue: v.BaseIssue<unknown>): DheeraError {
  const param = v.getDotPath(issue) ?? "vertex_credentials";
  return new DheeraError("invalid_request", `${param} ${issue.message}`, { param, provider: "vertex_ai" });
}

/** Path of a URL: what is none of a name would lead elsewhere. */
const name = v.optional(
  v.pipe(v.string("must be a text"), v.trim(), v.regex(/^[\w.:-]+$/, "must be a name: letters, digits, - . : _")),
);
const credentials = v.optional(
  v.union([v.pipe(v.string(), v.trim(), v.minLength(1)), v.looseObject({})], "must be JSON, an object, or a path"),
);

const schema = v.object({
  vertex_project: name,
  vertex_ai_project: name,
  vertex_location: name,
  vertex_ai_location: name,
  vertex_credentials: credentials,
  vertex_ai_credentials: credentials,
});

/** The names of all of them. */
export const optionNames: readonly string[] = Object.keys(schema.entries);
