import type { JsonSchema } from "@valibot/to-json-schema";

/** The part of OpenAPI 3.1 that the description uses and the docs page renders. */
export interface OpenApiDocument {
  readonly openapi: "3.1.1";
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly summary: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly security: readonly Security[];
  readonly paths: Paths;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: HeaderDescriptions;
    readonly securitySchemes: { readonly key: { readonly description: string } & Readonly<Record<string, string>> };
  };
}

/** By address. */
export type Paths = Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;

export type Method = "get" | "post" | "patch" | "delete";

/** Names of security schemes with their scopes; an empty object needs no key. */
type Security = Readonly<Record<string, readonly string[]>>;

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** A sentence; without one everybody may where no key is needed, and elsewhere whoever has a key. */
  readonly "x-who-may"?: string;
  readonly security?: readonly Security[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  /** By status. */
  readonly responses: Responses;
}

export type Responses = Readonly<Record<string, ResponseDescription>>;

export interface Parameter {
  readonly name: string;
  readonly in: "query" | "header" | "path";
  readonly description: string;
  /** Stands in the address of an example; of a parameter in the path. */
  readonly example?: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

export interface ResponseDescription {
  readonly description: string;
  readonly headers?: Headers;
  readonly content?: Content;
}

/** By name; the components of the document describe them. */
export type Headers = Readonly<Record<string, { readonly $ref: string }>>;

export type HeaderDescriptions = Readonly<
  Record<string, { readonly description: string; readonly schema: JsonSchema }>
>;

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly examples?: Examples }>>;

export interface Example {
  readonly summary?: string;
  readonly value: unknown;
}

export type Examples = Readonly<Record<string, Example>>;
