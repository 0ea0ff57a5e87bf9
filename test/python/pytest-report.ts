import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";

/** One case of pytest. */
export interface PytestCase {
  /** Its module and its name: `tests.test_engine test_restart[sync]`. */
  readonly name: string;
  /** What pytest says about it when it failed. */
  readonly failure?: string;
  /** Why it was skipped. */
  readonly skipped?: string;
}

const problem = v.optional(
  v.union([
    v.string(),
    v.looseObject({ message: v.optional(v.string(), ""), "#text": v.optional(v.string(), "") }),
    v.array(v.looseObject({ message: v.optional(v.string(), ""), "#text": v.optional(v.string(), "") })),
  ]),
);
const reportSchema = v.object({
  testsuites: v.object({
    testsuite: v.array(
      v.object({
        testcase: v.optional(
          v.array(
            v.looseObject({
              classname: v.string(),
              name: v.string(),
              failure: problem,
              error: problem,
              skipped: problem,
            }),
          ),
          [],
        ),
      }),
    ),
  }),
});

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => name === "testsuite" || name === "testcase",
  // A failure's text may quote any number of them.
  processEntities: { enabled: true, maxTotalExpansions: Infinity, maxExpandedLength: Infinity },
});

/** Reads the JUnit report of pytest. */
export function readPytestReport(xml: string): readonly PytestCase[] {
  const { testsuites } = v.parse(reportSchema, parser.parse(xml));
  return testsuites.testsuite.flatMap(({ testcase }) =>
    testcase.map(({ classname, name, failure, error, skipped }) => {
      const failed = textOf(failure) ?? textOf(error);
      const left = textOf(skipped);
      return {
        name: [classname, name].filter(Boolean).join(" "),
        ...(failed !== undefined && { failure: failed }),
        ...(left !== undefined && { skipped: left }),
      };
    }),
  );
}

function textOf(found: v.InferOutput<typeof problem>): string | undefined {
  if (found === undefined || typeof found === "string") return found;
  return [found]
    .flat()
    .map(({ message, "#text": text }) => text || message)
    .join("\n");
}
