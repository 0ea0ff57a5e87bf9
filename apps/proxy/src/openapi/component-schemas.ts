import { requestSchema } from "@dheera-ai/core/request-schema";
import { type ConversionConfig, type JsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";

import { teiRequestSchema } from "../formats/tei-request.ts";
import { keyBody } from "../routes/sign-in.ts";
import { batchSchemas } from "./batch-schemas.ts";
import { type Descriptions, describeMissing } from "./fields/describe-missing.ts";
import { limitFields } from "./fields/limit-fields.ts";
import { managementFields } from "./fields/management-fields.ts";
import { serverFields } from "./fields/server-fields.ts";
import { spendFields } from "./fields/spend-fields.ts";
import { type ForeignName, foreignDescriptions, foreignNames } from "./foreign/all-descriptions.ts";
import type { ForeignDescription } from "./foreign/foreign-description.ts";
import { foreignMeta } from "./foreign/foreign-response.ts";
import { type AnswerName, answerSchemas } from "./management/answer-schemas.ts";
import { type RequestName, requestSchemas } from "./management/request-schemas.ts";
import { cacheFields, rerankFields, teiFields } from "./request-fields.ts";
import {
  errorBody,
  healthReport,
  keyCheck,
  liveness,
  modelGroupList,
  modelInfoList,
  model,
  modelList,
  readiness,
  rerankResponse,
  rerankStage,
  routeList,
  clusterAuth,
  routeTest,
  servicesReport,
  sessionReport,
  shadowReport,
  shuttingDown,
  signedIn,
  signedOut,
  teiErrorBody,
  teiInfo,
  teiResponse,
  weaviateMeta,
} from "./response-schemas.ts";

export type SchemaName =
  | keyof typeof definitions
  | AnswerName
  | RequestName
  | `${ForeignName}${"Request" | "Response" | "Error"}`;

/** Every schema of the description. The schemas of requests are the ones that check requests. */
const definitions = {
  RerankRequest: requestSchema,
  RerankResponse: rerankResponse,
  RerankStage: rerankStage,
  TeiRequest: teiRequestSchema,
  TeiResponse: teiResponse,
  Error: errorBody,
  TeiError: teiErrorBody,
  Model: model,
  ModelList: modelList,
  TeiInfo: teiInfo,
  WeaviateMeta: weaviateMeta,
  ModelInfoList: modelInfoList,
  ModelGroupList: modelGroupList,
  HealthReport: healthReport,
  Liveness: liveness,
  Readiness: readiness,
  ShuttingDown: shuttingDown,
  ServicesReport: servicesReport,
  ShadowReport: shadowReport,
  RouteList: routeList,
  RouteTest: routeTest,
  ClusterAuth: clusterAuth,
  KeyCheck: keyCheck,
  SignInRequest: keyBody,
  SignedIn: signedIn,
  SessionReport: sessionReport,
  SignedOut: signedOut,
  ...batchSchemas,
} as const satisfies Record<string, v.GenericSchema>;

/** The requests, answers and, where they differ from the proxy's own, errors of foreign formats. */
function foreignDefinitions(): Readonly<Record<string, v.GenericSchema>> {
  const perFormat = Object.fromEntries(
    foreignNames.flatMap((name) => {
      const { request, response, error }: ForeignDescription = foreignDescriptions[name];
      return [
        [`${name}Request`, request],
        [`${name}Response`, response],
        ...(error ? [[`${name}Error`, error] as const] : []),
      ] as const;
    }),
  );
  return { RerankStage: rerankStage, ForeignMeta: foreignMeta, ...perFormat };
}

const conversion: ConversionConfig = {
  target: "draft-2020-12",
  typeMode: "input",
  // All numbers in JSON are finite, and a change to lower case happens after the request has been read.
  ignoreActions: ["finite", "to_lower_case"],
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    // A custom schema says in its metadata what it checks.
    if (valibotSchema.type === "custom") return {};
    return valibotSchema.type === "loose_object" ? { ...jsonSchema, additionalProperties: true } : undefined;
  },
  // What a custom schema checks beyond its type is in its metadata too.
  overrideAction: ({ valibotAction, jsonSchema }) =>
    valibotAction.type === "min_length" && jsonSchema.type === undefined ? jsonSchema : undefined,
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
};

/** Bodies of the management API are checked further than JSON Schema can say, and changed after they have been read. */
const managedConversion: ConversionConfig = { ...conversion, ignoreActions: ["check", "transform", "trim"] };

export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  const schemas = toJsonSchemaDefs(definitions, conversion);
  const managed = toJsonSchemaDefs({ ...requestSchemas, ...answerSchemas }, managedConversion);
  const foreign: Readonly<Record<string, JsonSchema>> = toJsonSchemaDefs(foreignDefinitions(), conversion);
  const foreignRequests = foreignNames.map((name) => {
    const described: ForeignDescription = foreignDescriptions[name];
    return [`${name}Request`, describeFields(foreign[`${name}Request`] ?? {}, described.fields)] as const;
  });
  const own = {
    ...schemas,
    ...foreign,
    ...Object.fromEntries(foreignRequests),
    RerankRequest: rerankRequest(schemas.RerankRequest),
    TeiRequest: describeFields(schemas.TeiRequest, teiFields),
  };
  return { ...describeAll(own, serverFields), ...describeAll(managed, managedFields) };
}

const managedFields: Descriptions = { ...serverFields, ...limitFields, ...spendFields, ...managementFields };

function describeAll(
  schemas: Readonly<Record<string, JsonSchema>>,
  descriptions: Descriptions,
): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, describeMissing(schema, name, descriptions)]),
  );
}

export function reference(name: SchemaName): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** What core requires, but for `model`, which a route may put in: routes that do not require it themselves. */
function rerankRequest(schema: JsonSchema): JsonSchema {
  const described = refuseFields(describeFields(schema, rerankFields, { cache: cacheFields }), ["api_base", "api_key"]);
  return { ...described, required: schema.required?.filter((name) => name !== "model") };
}

function describeFields(
  schema: JsonSchema,
  descriptions: Descriptions,
  inner: Readonly<Record<string, Descriptions>> = {},
): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]): [string, JsonSchema] => {
    const described = { ...asObject(property), description: descriptions[name] };
    const within = inner[name];
    return [name, within === undefined ? described : describeInner(described, within)];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** Optional objects are alternatives to null. */
function describeInner(schema: JsonSchema, descriptions: Descriptions): JsonSchema {
  return {
    ...schema,
    anyOf: schema.anyOf?.map((choice) =>
      asObject(choice).type === "object" ? describeFields(asObject(choice), descriptions) : choice,
    ),
  };
}

/** Marks fields that the library takes and the proxy refuses. */
function refuseFields(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const refused = names.map(
    (name) => [name, { type: "null", description: asObject(schema.properties?.[name]).description }] as const,
  );
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(refused) } };
}

function asObject(schema: JsonSchema | boolean | undefined): JsonSchema {
  return typeof schema === "object" ? schema : {};
}
