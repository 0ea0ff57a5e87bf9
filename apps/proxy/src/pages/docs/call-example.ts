import { html } from "hono/html";

import type { Parameter } from "../../openapi/open-api.ts";
import { callCode } from "../code/call-code.ts";
import { languages } from "../code/language.ts";
import { type Callable, callOf, formOf, requestsOf } from "./callable.ts";
import type { Markup } from "./markup.ts";

/** Each example of a request in each language; the choice of a language works without the script. */
export function callExamples(callable: Callable): readonly Markup[] {
  return requestsOf(callable.operation).map(({ title, body }, index) => codeFigure(callable, title, body, index));
}

function codeFigure(callable: Callable, title: string, body: unknown, index: number): Markup {
  const call = callOf(callable, body);
  return html`<figure class="call">
    <figcaption>${title}</figcaption>
    <fieldset class="segments">
      <legend class="hidden">Language of ${title}</legend>
      ${languages.map(
        ({ id, name }) =>
          html`<label
            ><input
              type="radio"
              name="language-${callable.operation.operationId}-${index}"
              value="${id}"
              ${id === "curl" && "checked"}
            /><span>${name}</span></label
          >`,
      )}
    </fieldset>
    ${languages.map(({ id }) => html`<pre data-language="${id}">${callCode(id, call)}</pre>`)}
  </figure>`;
}

/** A form that sends the request; the page's script shows it. There is none for uploads. */
export function tryForm({ method, paths, operation }: Callable): Markup | false {
  if (formOf(operation)) return false;
  const [first] = requestsOf(operation);
  const { parameters = [], summary } = operation;
  return html`<details class="try" hidden>
    <summary>Try it</summary>
    <form data-method="${method}" aria-label="${summary}">
      ${pathChoice(paths)} ${parameters.map(parameterField)}
      ${
        first?.body !== undefined &&
        html`<label class="field"
          >Body<textarea name="body" rows="9" spellcheck="false">${JSON.stringify(first.body, null, 2)}</textarea>
        </label>`
      }
      <button type="submit">Send</button>
    </form>
    <div class="answer" hidden>
      <p class="outcome" role="status"></p>
      <details>
        <summary>Headers of the answer</summary>
        <pre class="headers"></pre>
      </details>
      <pre class="body" tabindex="0" role="region" aria-label="Body of the answer"></pre>
    </div>
  </details>`;
}

function pathChoice(paths: readonly string[]): Markup {
  if (paths.length === 1) return html`<input type="hidden" name="path" value="${paths[0]}" />`;
  return html`<label class="field select"
    >Path<select name="path">
      ${paths.map((path) => html`<option>${path}</option>`)}
    </select></label
  >`;
}

function parameterField({ name, in: place, example = "" }: Parameter): Markup {
  return html`<label class="field"
    >${name}<input type="text" name="${place}:${name}" value="${example}" autocomplete="off"
  /></label>`;
}
