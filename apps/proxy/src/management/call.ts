import { DheeraError } from "@dheera-ai/core";
import type { Actor, Teams } from "@dheera-ai/teams";

import { localCaller } from "../access/caller.ts";
import { addressErrorBody } from "../formats/error-body.ts";
import { readFields, refuseList } from "../formats/read-fields.ts";
import { partOfPath } from "../http/address.ts";
import { answerJson } from "../http/json-response.ts";
import { readJsonBody } from "../http/read-json-body.ts";
import type { RequestContext, ResponseHeaders } from "../http/request-context.ts";
import { incomingOfNode } from "../server/runtime/node-request.ts";
import type { Person } from "../sign-in/person.ts";
import type { Webhooks } from "../webhooks/open-webhooks.ts";
import { type Action, type Managed, authorize } from "./authorize.ts";
import type { BodyKind } from "./bodies/field-kinds.ts";
import { NotFound } from "./not-found.ts";
import { Query } from "./query.ts";
import { teamsOf } from "./teams-of.ts";

/** One call of the management API, as an operation sees it. */
export interface Call {
  readonly person: Person;
  readonly actor: Actor;
  readonly teams: Teams;
  /** Undefined where none are told from here. */
  readonly webhooks: Webhooks | undefined;
  readonly query: Query;
  /** Sent with the answer. */
  readonly headers: ResponseHeaders;
  /** The part of the address that a braced name stands for. */
  readonly part: string;
  /**
   * Reads the body; a missing one is an object without fields.
   * @throws DheeraError `invalid_request` naming the field at fault
   */
  body<Body>(kind: BodyKind<Body>): Promise<Body>;
  /** @throws DheeraError `forbidden` */
  authorize(action: Action, object: Managed): void;
  /** Says something beside the answer, for whoever reads it. */
  warn(message: string): void;
}

/** Gives the answer as JSON, or a response of its own. */
export type Operation = (call: Call) => Promise<object>;

/** Runs an operation for a person, and answers. */
export async function answerCall(context: RequestContext, person: Person, operation: Operation): Promise<Response> {
  const teams = teamsOf(context.gateway);
  const warnings: string[] = [];
  const call: Call = {
    person,
    actor: { name: person.name },
    teams,
    webhooks: context.gateway.webhooks?.value,
    query: new Query(context.request.url),
    headers: context.headers,
    part: partOfPath(context.request.url, 1),
    async body(kind) {
      const body = await readBody(context);
      if (Array.isArray(body)) throw new DheeraError("invalid_request", "the body must be a JSON object, not a list");
      refuseList(body, "metadata");
      warnings.push(...ineffective(body, kind.fields));
      return readFields(kind.schema, body);
    },
    authorize: (action, object) => authorize(person, action, object),
    warn: (message) => void (warnings.includes(message) || warnings.push(message)),
  };
  try {
    const answer = await operation(call);
    warnings.push(...call.query.unread().slice(0, mostWarnings).map(explainIneffective));
    return withWarnings(context, answer, warnings);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    const body = addressErrorBody("not_found", error.message, context.callId);
    return answerJson(context, { ...body, error: { ...body.error, param: error.param } }, 404);
  }
}

/** A list or a table has room for warnings in a header alone. */
function withWarnings(context: RequestContext, answer: object, warnings: readonly string[]): Response {
  const header = warnings.map((warning) => encodeURI(warning.toWellFormed())).join(", ");
  if (answer instanceof Response) {
    if (header !== "") answer.headers.set(warningsHeader, header);
    return answer;
  }
  if (warnings.length === 0) return answerJson(context, answer);
  if (Array.isArray(answer)) {
    context.headers[warningsHeader] = header;
    return answerJson(context, answer);
  }
  const own = "warnings" in answer && Array.isArray(answer.warnings) ? answer.warnings : [];
  return answerJson(context, { ...answer, warnings: [...own, ...warnings] });
}

const warningsHeader = "x-dheera-warnings";

/** What a body of management may hold; nothing that is meant seriously is larger. */
const limits = { mostBytes: 1_000_000, mostValues: 20_000 };

async function readBody({ request, env, gateway, caller }: RequestContext): Promise<unknown> {
  if (isBodyless(request, env)) return {};
  const room = gateway.bodies.room(caller ?? localCaller, () => request.signal);
  try {
    return await readJsonBody(request, env, limits, room);
  } finally {
    room.leave();
  }
}

/** Whether there is no body, which HTTP/1 says in its headers. */
function isBodyless({ headers, body }: Request, env: unknown): boolean {
  const length = headers.get("content-length");
  if (length !== null || headers.has("transfer-encoding")) return length === "0";
  return incomingOfNode(env)?.httpVersionMajor === 1 || body === null;
}

/**
 * What is said of fields that mean nothing here, LiteLLM's for chat models among them: a limit that somebody believes in must not
 * be missing in silence. Clients send many of them empty.
 */
function ineffective(body: unknown, fields: readonly string[]): readonly string[] {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [];
  const unknown = Object.entries(body).filter(([name, value]) => !fields.includes(name) && !isEmpty(value));
  return unknown.slice(0, mostWarnings).map(([name]) => explainIneffective(name));
}

function explainIneffective(name: string): string {
  return `${name.slice(0, 100)}: has no effect here`;
}

const mostWarnings = 20;

function isEmpty(value: unknown): boolean {
  if (value === null || value === "" || value === false || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
