import type { Score } from "../../contract.ts";
import { assertCode, assertTrueScores, type Check } from "./check.ts";
import { documents, failureOf, type NetworkSubject, onStage, trueScores } from "../stage.ts";
import type { UpstreamAnswer } from "../subject.ts";

/** Whatever an upstream answers, the provider together with core's check gives the true scores or none. */
export function answerChecks(subject: NetworkSubject): readonly Check[] {
  const { upstream } = subject;
  return [
    ...(upstream.positional ? [] : [acceptsUnsorted(subject)]),
    ...wrongScores(upstream.positional ?? false).map(({ what, scores }) => ({
      name: `refuses an answer with ${what}`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => assertCode(await failureOf(score()), "provider_bad_response"),
          (request) => upstream.answer(scores, request),
        ),
    })),
    ...wrongBodies.map(({ what, answer }) => ({
      name: `refuses ${what} in place of an answer`,
      run: () =>
        onStage(
          subject,
          async ({ score }) => assertCode(await failureOf(score()), "provider_bad_response"),
          () => answer,
        ),
    })),
  ];
}

function acceptsUnsorted(subject: NetworkSubject): Check {
  return {
    name: "accepts scores in any order",
    run: () =>
      onStage(
        subject,
        async ({ score }) => assertTrueScores(await score()),
        (request) => {
          const [head, ...tail] = trueScores(request.documents).toReversed();
          return subject.upstream.answer(head ? [...tail, head] : [], request);
        },
      ),
  };
}

const [first = nothing(), second = nothing(), third = nothing()] = trueScores(documents);
const right = [first, second, third] as const;

interface WrongScores {
  readonly what: string;
  readonly scores: readonly Score[];
}

function wrongScores(positional: boolean): readonly WrongScores[] {
  const anywhere: readonly WrongScores[] = [
    { what: "a missing document", scores: [first, second] },
    { what: "no document at all", scores: [] },
    { what: "more scores than documents", scores: [...right, { index: 3, score: 0.5 }] },
    { what: "NaN for a score", scores: [first, { ...second, score: Number.NaN }, third] },
  ];
  return positional ? anywhere : [...anywhere, ...wrongIndices];
}

const wrongIndices: readonly WrongScores[] = [
  { what: "a document twice and another missing", scores: [first, second, second] },
  { what: "a document twice", scores: [...right, second] },
  { what: "an index past the last document", scores: [first, second, { ...third, index: 3 }] },
  { what: "a negative index", scores: [first, second, { ...third, index: -1 }] },
  { what: "an index between two documents", scores: [first, second, { ...third, index: 1.5 }] },
];

const wrongBodies: readonly { readonly what: string; readonly answer: UpstreamAnswer }[] = [
  {
    what: "a web page",
    answer: { headers: { "content-type": "text/html" }, body: "<!doctype html><title>Welcome</title>" },
  },
  { what: "broken JSON", answer: { body: '[{"index": 0, "score": 0.' } },
  { what: "an empty body", answer: { body: "" } },
  { what: "null", answer: { body: null } },
  { what: "a number", answer: { body: 42 } },
  { what: "a text", answer: { body: '"ok"' } },
  { what: "an empty object", answer: { body: {} } },
  {
    what: "an error under status 200",
    answer: { body: { error: "the model is not loaded", message: "the model is not loaded" } },
  },
  { what: "a list of texts", answer: { body: ["a", "b", "c"] } },
  { what: "a list of empty objects", answer: { body: [{}, {}, {}] } },
  { what: "a list of lists", answer: { body: [[], [], []] } },
  { what: "lists nested deeper than a stack", answer: { body: `${"[".repeat(50_000)}${"]".repeat(50_000)}` } },
  { what: "null for every list", answer: { body: { results: null, data: null, scores: null, rankings: null } } },
];

function nothing(): never {
  throw new Error("the suite has three documents");
}
