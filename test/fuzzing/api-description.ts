import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

import type { Schema } from "./json-schema-values.ts";

/** What a test reads in `/openapi.json`. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly headers: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

export interface Operation {
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly example?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, RequestBody>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface RequestBody {
  readonly schema: Schema;
  readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Answer {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, AnswerBody>>;
}

interface AnswerBody {
  readonly examples?: Readonly<Record<string, { readonly value: Readonly<Record<string, unknown>> }>>;
}

/** Where in the description an operation stands. */
export interface Endpoint {
  readonly path: string;
  readonly method: string;
}

/** Holds real requests and answers against a description. */
export class Conformance {
  readonly #description: Description;
  readonly #ajv = new Ajv2020({ strict: false });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(description: Description) {
    this.#description = description;
    this.#ajv.addSchema({ $id: "open", ...description }).addSchema({ $id: "closed", ...close(description) });
  }

  operation({ path, method }: Endpoint): Operation {
    const operation = this.#description.paths[path]?.[method];
    if (!operation) throw new Error(`${method} ${path} is not described`);
    return operation;
  }

  allowsRequest({ path, method }: Endpoint, body: unknown): boolean {
    return this.#validator(`open#/paths/${escape(path)}/${method}/requestBody/content/application~1json/schema`)(body);
  }

  /** What in the answer is not as described: its status, its media type, a header, or a field. */
  problemsOf(endpoint: Endpoint, { status, headers }: Response, body: string): readonly string[] {
    const described = this.operation(endpoint).responses[status];
    if (!described) return [`the status ${status} is not described`];
    // An answer without a body has no media type.
    if (!described.content && body === "") return this.#headerProblems(described, headers);
    const mediaType = headers.get("content-type")?.split(";")[0] ?? "";
    if (!described.content?.[mediaType]) return [`the media type ${mediaType} is not described`];

    const validate = this.#validator(
      `closed#/paths/${escape(endpoint.path)}/${endpoint.method}/responses/${status}/content/${escape(mediaType)}/schema`,
    );
    const isRight = validate(mediaType === "application/json" ? JSON.parse(body) : body);
    return [...this.#headerProblems(described, headers), ...(isRight ? [] : [this.#ajv.errorsText(validate.errors)])];
  }

  #headerProblems(described: Answer, headers: Headers): readonly string[] {
    return [...headers].flatMap(([name, value]) => {
      if (!/^(x-dheera-|x-ratelimit-|retry-after$|www-authenticate$)/.test(name)) return [];
      if (!described.headers?.[name]) return [`the header ${name} is not described`];
      const isText = this.#description.components.headers[name]?.schema.type === "string";
      const isRight = this.#validator(`open#/components/headers/${name}/schema`)(isText ? value : Number(value));
      return isRight ? [] : [`the header ${name} is ${value}`];
    });
  }

  #validator(pointer: string): ValidateFunction {
    const validator = this.#validators.get(pointer) ?? this.#ajv.compile({ $ref: pointer });
    this.#validators.set(pointer, validator);
    return validator;
  }
}

/** A name as a part of a JSON pointer. */
function escape(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The same, but objects have the fields that are described and no others, unless the description says otherwise. */
function close(value: object): object {
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    typeof inner === "object" && inner !== null ? close(inner) : inner,
  ]);
  if (Array.isArray(value)) return entries.map(([, inner]) => inner);
  const isOpen =
    "type" in value && value.type === "object" && "properties" in value && !("additionalProperties" in value);
  return { ...Object.fromEntries(entries), ...(isOpen && { additionalProperties: false }) };
}
