import type { JsonSchema } from "@valibot/to-json-schema";
import { html } from "hono/html";

import type { Content, HeaderDescriptions, Headers, ResponseDescription } from "../../openapi/open-api.ts";
import { type Markup, line } from "./markup.ts";
import { type Field, type Schemas, fieldsOf, typeOf } from "./schema-fields.ts";

/** Which fields are marked: in a request the required ones, in an answer the optional ones. */
export type Marked = "required" | "optional";

export function fieldTable(fields: readonly Field[], marked: Marked): Markup {
  return table(
    fields.map(({ name, type, isRequired, description }) => {
      const mark = isRequired === (marked === "required") && html`<span class="${marked}">${marked}</span>`;
      return [html`<code>${name}</code> <span class="type">${type}</span> ${mark}`, description];
    }),
  );
}

/** One table for each schema that a body may have. */
export function bodyTables(content: Content | undefined, schemas: Schemas, marked: Marked): readonly Markup[] {
  const schema = (content?.["application/json"] ?? content?.["multipart/form-data"])?.schema;
  const alternatives: readonly JsonSchema[] =
    schema?.anyOf?.filter((alternative) => typeof alternative === "object") ?? (schema ? [schema] : []);
  return alternatives.flatMap((alternative) => {
    const fields = fieldsOf(alternative, schemas);
    return fields.length > 0 ? [html`<h5>${nameOf(alternative)}</h5>`, fieldTable(fields, marked)] : [];
  });
}

export function headerTable(headers: Headers = {}, descriptions: HeaderDescriptions): Markup {
  const fields = Object.keys(headers).map((name) => {
    const { description = "", schema = {} } = descriptions[name] ?? {};
    return { name, description, type: typeOf(schema, {}), isRequired: true };
  });
  return html`<details>
    <summary>Headers</summary>
    ${fieldTable(fields, "optional")}
  </details>`;
}

export function statusTable(responses: readonly (readonly [status: string, response: ResponseDescription])[]): Markup {
  return table(
    responses.map(([status, { description }]) => [html`<span class="status">${status}</span>`, description]),
  );
}

function table(rows: readonly (readonly [term: Markup, description: string])[]): Markup {
  return html`<dl class="fields">
    ${rows.map(
      ([term, description]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${line(description)}</dd>
        </div>`,
    )}
  </dl>`;
}

function nameOf({ $ref = "" }: JsonSchema): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}
