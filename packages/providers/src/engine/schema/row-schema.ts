import * as v from "valibot";

import type {
  Row,
  RowDocumentation,
  RowElsewhere,
  RowLimits,
  RowModel,
  RowPrice,
  RowRefusal,
  RowRequest,
  RowResponse,
} from "../row.ts";
import {
  type Kind,
  type TextKind,
  amount,
  anything,
  choice,
  each,
  fieldName,
  flag,
  hostGlob,
  httpUrl,
  line,
  list,
  matching,
  section,
  whole,
} from "./row-kinds.ts";

/** A row as a map of a configuration has it: its name is the key. */
export type NamelessRow = Omit<Row, "name">;

let made: Kind<NamelessRow> | undefined;

/**
 * Checks a row that somebody wrote, field by field; what its fields say together is checked too. Every field carries its
 * description; the table of settings in the documentation is made from it. Made when it is first asked for, because most
 * programs have no row of their own.
 */
export function rowSchema(): Kind<NamelessRow> {
  return (made ??= wholeRow());
}

/** The prefix in `model: <name>/<model>`. */
export const rowName: TextKind = matching(
  /^[a-z0-9][a-z0-9_-]{0,63}$/,
  "must be a name of at most 64 lower case letters, digits, - and _",
  "The prefix in `model: <name>/<model>`.",
);

const scoreKind = () => choice(["probability", "logit", "cosine", "rank", "unknown"], "What a score means.");
const scoring = () =>
  choice(
    ["pointwise", "listwise"],
    "`listwise`: documents influence each other, so they are neither split nor cached one by one. Default `pointwise`.",
  );
const billing = () =>
  choice(
    ["compute", "per-token", "per-search"],
    "`per-search`: splitting costs money, so it happens only where a limit forces it.",
  );

/** YAML's null would be a field that is absent. */
const fieldOrNone = (): Kind<string | null> =>
  v.pipe(
    v.union(
      [
        fieldName("Field of the model's name."),
        v.null(),
        v.pipe(
          v.literal(false),
          v.transform(() => null),
        ),
      ],
      "must be the name of a field, or false where the model is not part of the body",
    ),
    v.description("Field of the model's name; default `model`. `false`: it is not part of the body."),
  );

const request = (): Kind<RowRequest> =>
  section(
    {
      model: v.optional(fieldOrNone()),
      query: v.optional(fieldName("Field of the query; default `query`.")),
      query_form: v.optional(
        choice(
          ["text", "object", "repeated"],
          '`object`: `{ "text": … }`. `repeated`: a list with the query once for each document. Default `text`.',
        ),
      ),
      documents: v.optional(fieldName("Field of the documents; default `documents`.")),
      document_form: v.optional(choice(["text", "object"], '`object`: `{ "text": … }`. Default `text`.')),
      top_n: v.optional(fieldName("Field that always gets the number of documents; without it none is sent.")),
      truncate: v.optional(
        section(
          {
            field: fieldName("Field that says what happens to documents that are too long."),
            cut: v.optional(anything("Its value where they are cut.")),
            refuse: v.optional(anything("Its value where they are refused.")),
            always: v.optional(flag("`cut` is sent also where the caller says nothing. Default false.")),
          },
          "What happens to documents that are too long.",
        ),
      ),
      truncation_direction: v.optional(fieldName("Field that gets `left` or `right`.")),
      raw_scores: v.optional(fieldName("Field that gets true where logits are asked for.")),
      max_tokens_per_document: v.optional(fieldName("Field that gets the number of tokens that count.")),
      relevant_spans: v.optional(fieldName("Field that gets Cohere's object where relevant parts are asked for.")),
      instruction: v.optional(fieldName("Field of the instruction. `in_query`: it is written before the query.")),
      constants: v.optional(
        each(fieldName("Name of a field."), anything("Its value."), "Fields with the same value in each request."),
      ),
      options: v.optional(list(fieldName("Name of an option."), "`provider_options` that are handed on as they are.")),
    },
    "How a call becomes the body of a request. Names of fields may be paths with dots.",
  );

const response = (): Kind<RowResponse> =>
  section(
    {
      results: v.optional(fieldName("Field of the list; default `results`.")),
      index: v.optional(fieldName("Field of a result with the document's position; default `index`.")),
      score: v.optional(fieldName("Field of a result with its score; default `relevance_score`.")),
      by_position: v.optional(flag("The list holds the scores alone, in the order of the documents. Default false.")),
      details: v.optional(
        list(fieldName("Name of a field."), "Further fields of a result for callers who ask for `relevant_spans`."),
      ),
      model: v.optional(fieldName("Field that names the model that served; another one than asked is a warning.")),
      input_tokens: v.optional(list(fieldName("Name of a field."), "Where the tokens stand; the first number counts.")),
      output_tokens: v.optional(list(fieldName("Name of a field."), "The same for tokens of the output.")),
      search_units: v.optional(list(fieldName("Name of a field."), "The same for searches as they are billed.")),
      cost: v.optional(list(fieldName("Name of a field."), "The same for the cost in US dollars.")),
      error_code: v.optional(
        list(fieldName("Name of a field."), "Where an answer with a status of success names an error."),
      ),
    },
    "How an answer is read. What is not said is looked for where rerank servers are known to put it.",
  );

const limits = (): Kind<RowLimits> =>
  section(
    {
      documents_per_call: v.optional(whole("Documents of one call.")),
      bytes_per_call: v.optional(whole("Bytes of the JSON body of one call.")),
      tokens_per_document: v.optional(whole("Tokens of query plus one document.")),
      characters_per_document: v.optional(whole("UTF-16 units of one document.")),
      tokens_per_call: v.optional(whole("Tokens of all documents of a call, and of the query once for each of them.")),
    },
    "What one call may hold; larger requests are split.",
  );

const price = (): Kind<RowPrice> =>
  section(
    {
      per_search: v.optional(amount("US dollars for a search as it is billed.")),
      per_million_tokens: v.optional(amount("US dollars for a million tokens.")),
      date: matching(/^\d{4}-\d{2}-\d{2}$/, "must be a day such as 2026-11-25", "The day on which this was so."),
      source: line("Who says so."),
    },
    "What the upstream asks for; `model_info` of a deployment wins over it.",
  );

const path = () =>
  v.pipe(
    line("Put after the address."),
    v.startsWith("/", "must begin with /"),
    v.regex(/^[\w./{}:@~!$&'()*+,;=-]*$/, "must be a path, without ?, # and spaces"),
    v.check((value) => !/(^|\/)\.{0,2}(\/|$)/.test(value.slice(1)), "must have neither //, . and .. nor / at its end"),
    v.description(
      "Put after the address, unless that ends in it. May hold `{model}` and the names of `path_parameters`.",
    ),
  );

const ending = () =>
  v.pipe(
    line("The end of a path."),
    v.regex(/^\/[\w./~-]*$/, "must be the end of a path, which begins with /"),
    v.check((value) => !/\/\.{0,2}(\/|$)/.test(value), "must have neither //, . and .. nor / at its end"),
  );

const headerName = () =>
  v.pipe(
    line("Name of a header."),
    v.regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, "must be the name of a header"),
    v.check((name) => !ownHeaders.has(name.toLowerCase()), "is a header that HTTP itself needs; choose another one"),
  );

/** Those that say how a message is sent, or to whom. */
const ownHeaders: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Their values are secrets, which go to an address only if they belong there. */
const keyHeaders: ReadonlySet<string> = new Set([
  "api-key",
  "authorization",
  "cookie",
  "proxy-authorization",
  "x-api-key",
]);

const constantHeader = () =>
  v.pipe(
    headerName(),
    v.check((name) => !keyHeaders.has(name.toLowerCase()), "is a header for keys; use key_header and api_key_env"),
  );

const variable = () =>
  matching(/^[A-Za-z_]\w{0,127}$/, "must be the name of an environment variable", "Name of a variable.");
const variables = (description: string): Kind<string[]> => list(variable(), description);

/** The table of settings shows its fields once. */
function asAbove<Value>(kind: Kind<Value>, name: string): Kind<Value> {
  return v.pipe(kind, v.description(`As \`${name}\` of the provider.`), v.metadata({ isDescribedElsewhere: true }));
}

const rowModel = (): Kind<RowModel> =>
  section(
    {
      match: line("Glob for the model's name, in which `*` is any number of characters."),
      path: v.optional(path()),
      score_kind: v.optional(scoreKind()),
      scoring: v.optional(scoring()),
      billing: v.optional(billing()),
      limits: v.optional(asAbove(limits(), "limits")),
      price: v.optional(asAbove(price(), "price")),
      price_by_host: v.optional(
        each(hostGlob("A host."), price(), "Other prices at the provider's own hosts, by their names."),
      ),
      request: v.optional(asAbove(request(), "request")),
      deprecated: v.optional(line("What callers of the model are told.")),
    },
    "What differs for some models.",
  );

const elsewhere = (): Kind<RowElsewhere> =>
  section(
    {
      label: v.optional(line("For people, in errors.")),
      other_paths: v.optional(
        list(path(), "Tried after `path`, at an address without one, where the server does not know it (404, 405)."),
      ),
      request: asAbove(request(), "request"),
      response: v.optional(asAbove(response(), "response")),
      score_kind: scoreKind(),
      billing: billing(),
      limits: v.optional(asAbove(limits(), "limits")),
    },
    "What holds at addresses that are not the provider's own, in place of the rest.",
  );

const refusal = (): Kind<RowRefusal> =>
  section(
    {
      after: v.pipe(line("Text before the number."), v.minLength(5, "must have at least 5 characters")),
      learns: choice(
        ["tokens_per_call", "documents_per_call", "tokens_per_document", "characters_per_document"],
        "The limit that the number is.",
      ),
    },
    "Text of a refusal that is followed by a limit.",
  );

const documentation = (): Kind<RowDocumentation> =>
  section(
    {
      title: v.optional(line("For lists, in place of the label.")),
      page: v.optional(httpUrl("Address of the provider's documentation.")),
      quirks: v.optional(list(line("A sentence."), "What is worth knowing.")),
      unverified: v.optional(list(line("A sentence."), "What nobody has confirmed.")),
    },
    "For people.",
  );

const rowFields = (): Kind<NamelessRow> =>
  section(
    {
      label: v.optional(line("For people, in errors: `Jina AI`.")),
      api_base: v.optional(httpUrl("The provider's own address; without it every deployment needs an `api_base`.")),
      api_base_env: v.optional(variables("Variables with another address; the first that is set counts.")),
      hosts: v.optional(list(hostGlob("A host."), "Further hosts that are the provider's own, over HTTPS.")),
      path: path(),
      base_path: v.optional(
        choice(["append", "replace"], "`replace`: the path of the address is dropped. Default `append`."),
      ),
      base_endings: v.optional(
        each(ending(), v.union([ending(), v.literal("")]), "Ends of an address that stand for another end."),
      ),
      path_by_host: v.optional(each(hostGlob("A host."), path(), "Another `path` at hosts like these.")),
      path_parameters: v.optional(
        each(
          matching(/^[a-z][a-z0-9_]{0,40}$/, "must be a name in lower case", "Name of a parameter."),
          variables("Variables with its value."),
          "Further names in braces in a path: parameters of the deployment, else variables.",
        ),
      ),
      api_base_by_key: v.optional(
        each(line("Start of a key."), httpUrl("An address."), "Keys that begin so belong to another address."),
      ),
      api_key_env: v.optional(
        variables(
          "Variables with a key, for the provider's own hosts; the first also for the address of `api_base_env`.",
        ),
      ),
      key_header: v.optional(v.pipe(headerName(), v.description("Header with the key; default `authorization`."))),
      key_prefix: v.optional(
        matching(
          /^[\x20-\x7e]{0,40}$/,
          "must be a short text of ASCII characters",
          "Before the key; default `Bearer ` in `authorization`, nothing in any other header.",
        ),
      ),
      key_optional: v.optional(flag("Whether the provider's own hosts are called without a key. Default false.")),
      headers: v.optional(
        each(
          constantHeader(),
          matching(/^[\x20-\x7e]{1,500}$/, "must be one line of ASCII characters", "Its value."),
          "Sent with each request, to every address; no place for a key.",
        ),
      ),
      model_prefix: v.optional(line("Put before names of models that have no slash.")),
      request: v.optional(request(), {}),
      response: v.optional(response()),
      refusals: v.optional(list(refusal(), "Texts of refusals that name a limit.")),
      score_kind: v.optional(scoreKind(), "unknown"),
      scoring: v.optional(scoring()),
      billing: billing(),
      limits: v.optional(limits()),
      price: v.optional(price()),
      models: v.optional(list(rowModel(), "What differs by model; the first that matches counts.")),
      elsewhere: v.optional(elsewhere()),
      documentation: v.optional(documentation()),
    },
    "A provider as data.",
  );

const wholeRow = (): Kind<NamelessRow> =>
  v.pipe(
    rowFields(),
    v.forward(
      v.check(
        (row) => requestsOf(row).every((body) => !body.options?.some((name) => ownFields(body).has(name))),
        "has a name in options that is one of its own fields; leave it out there",
      ),
      ["request"],
    ),
    v.forward(v.check(hasOnlyKnownBraces, "has a name in braces that is neither model nor one of path_parameters"), [
      "path",
    ]),
    v.forward(
      v.check(
        ({ key_header = "authorization", headers = {} }) =>
          !Object.keys(headers).some((name) => name.toLowerCase() === key_header.toLowerCase()),
        "has the header of the key; its value comes from api_key_env",
      ),
      ["headers"],
    ),
  );

/** All that a row can send: with what differs for a model, and elsewhere. */
function requestsOf({ request: own, models = [], elsewhere: other }: NamelessRow): readonly RowRequest[] {
  return [own, ...models.map((model) => Object.assign({}, own, model.request)), ...(other ? [other.request] : [])];
}

/** The first names of all fields that a request has without `provider_options`. */
function ownFields(fields: RowRequest): ReadonlySet<string> {
  const { model = "model", query = "query", documents = "documents", constants = {} } = fields;
  const { truncate, truncation_direction, raw_scores, max_tokens_per_document, relevant_spans, instruction } = fields;
  const names = [
    model,
    query,
    documents,
    fields.top_n,
    truncate?.field,
    truncation_direction,
    raw_scores,
    max_tokens_per_document,
    relevant_spans,
    instruction,
    // A whole constant is what is sent where the caller gives no such option.
    ...Object.keys(constants).filter((name) => name.includes(".")),
  ];
  return new Set(names.flatMap((name) => name?.split(".", 1) ?? []));
}

function hasOnlyKnownBraces(row: NamelessRow): boolean {
  const { path: own, path_by_host = {}, path_parameters = {}, models = [], elsewhere: other } = row;
  const known = new Set(["model", ...Object.keys(path_parameters)]);
  const paths = [
    own,
    ...Object.values(path_by_host),
    ...models.flatMap((model) => model.path ?? []),
    ...(other?.other_paths ?? []),
  ];
  return paths.every((written) => {
    const names = [...written.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    return names.every((name) => known.has(name)) && !/[{}]/.test(written.replaceAll(/\{\w+\}/g, ""));
  });
}
