import { html } from "hono/html";

import type { Content, OpenApiDocument, Parameter } from "../../openapi/open-api.ts";
import { type Topic, isOpen } from "../../openapi/topics.ts";
import { whoMay } from "../../openapi/who-may.ts";
import { callExamples, tryForm } from "./call-example.ts";
import { bodyTables, fieldTable, headerTable, statusTable } from "./field-tables.ts";
import { type Markup, prose } from "./markup.ts";
import { type Field, type Schemas, typeOf } from "./schema-fields.ts";

export function operationArticle(
  { method, paths, operation }: Topic,
  { schemas, headers }: OpenApiDocument["components"],
): Markup {
  const { operationId, summary, description = "", parameters = [], requestBody, responses } = operation;
  const answers = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const refusals = Object.entries(responses).filter(([status]) => !status.startsWith("2"));
  const callable = { method, paths, operation, needsKey: !isOpen(operation) };
  const described = parameters.map((parameter) => fieldOf(parameter, schemas));
  return html`<article id="${operationId}">
    <div>
      <h3>${summary}</h3>
      <ul class="paths">
        ${paths.map((path) => html`<li><b>${method}</b> <code>${path}</code></li>`)}
      </ul>
      ${prose(description)}
      <p class="quiet">${whoMay(operation)}</p>
      ${described.length > 0 && [html`<h4>Parameters</h4>`, fieldTable(described, "required")]}
      ${requestBody && [html`<h4>Body</h4>`, bodyTables(requestBody.content, schemas, "required")]}
      ${answers.map(([status, response]) => [
        html`<h4>Answer <span class="status">${status}</span></h4>`,
        prose(response.description),
        bodyTables(response.content, schemas, "optional"),
        headerTable(response.headers, headers),
      ])}
      ${
        refusals.length > 0 &&
        html`<details>
          <summary>Errors</summary>
          ${statusTable(refusals)}
        </details>`
      }
    </div>
    <div class="examples">
      ${callExamples(callable)} ${tryForm(callable)}
      ${answers.map(([status, { content }]) => examples(`Answer ${status}`, content))}
    </div>
  </article>`;
}

function fieldOf({ name, schema, required = false, description }: Parameter, schemas: Schemas): Field {
  return { name, description, type: typeOf(schema, schemas), isRequired: required };
}

function examples(title: string, content: Content | undefined): readonly Markup[] {
  return Object.values(content?.["application/json"]?.examples ?? {}).map(({ summary, value }) => {
    const caption = summary === undefined ? title : `${title} · ${summary}`;
    return html`<figure>
      <figcaption>${caption}</figcaption>
      <pre>${JSON.stringify(value, null, 2)}</pre>
    </figure>`;
  });
}
