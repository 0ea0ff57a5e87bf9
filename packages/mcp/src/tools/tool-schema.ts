import { toJsonSchema } from "@valibot/to-json-schema";
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import * as v from "valibot";

/**
 * A schema as the SDK takes it: described in JSON Schema, checked by valibot. It stops at the first problem, because a
 * call may hold a thousand wrong documents, and every message in it is ours, because valibot's own quote what came.
 * @param refused is told of each value that does not fit
 */
export function toolSchema<Output>(
  schema: v.GenericSchema<unknown, Output>,
  refused: () => void = () => {},
): StandardSchemaWithJSON<unknown, Output> {
  const described = describeSchema(schema);
  return {
    "~standard": {
      version: 1,
      vendor: "dheera-ai",
      jsonSchema: { input: () => described, output: () => described },
      validate(value) {
        const checked = v.safeParse(schema, value, { abortEarly: true });
        if (checked.success) return { value: checked.output };
        refused();
        return { issues: checked.issues.map((issue) => ({ message: issue.message, path: pathOf(issue) })) };
      },
    },
  };
}

/** What a `custom` check accepts is in its metadata. */
function describeSchema(schema: v.GenericSchema): Record<string, unknown> {
  const { $schema: _dialect, ...described } = toJsonSchema(schema, {
    target: "draft-2020-12",
    typeMode: "input",
    ignoreActions: ["every_item"],
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === "custom" ? {} : undefined),
    overrideAction: ({ valibotAction, jsonSchema }) =>
      isMetadata(valibotAction) ? { ...jsonSchema, ...valibotAction.metadata } : undefined,
  });
  return described;
}

function isMetadata(action: { readonly type: string }): action is { readonly type: string; readonly metadata: object } {
  return action.type === "metadata" && "metadata" in action;
}

/** Field names of records are the caller's and may have any length; a position and our own names are short. */
function pathOf(issue: v.BaseIssue<unknown>): readonly (string | number)[] {
  return (issue.path ?? []).map(({ key }) =>
    typeof key === "number" ? key : String(key).slice(0, mostNameCharacters),
  );
}

const mostNameCharacters = 60;
