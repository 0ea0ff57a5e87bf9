import assert from "node:assert/strict";

import type { ScoreCall, ScoreParams, Usage } from "../../contract.ts";
import { addUsage } from "../../upstream/usage.ts";
import { assertCode, assertNoSecret, type Check } from "./check.ts";
import { connected } from "./profile-checks.ts";
import { everyParameter } from "./scoring-checks.ts";
import { failureOf, isNetworkSubject, type NetworkSubject, onStage, score, trueScores } from "../stage.ts";
import type { ProviderSubject } from "../subject.ts";

/** What a call carries beside the texts, and what its result says beside the scores. */
export function callChecks(subject: ProviderSubject): readonly Check[] {
  return [
    {
      name: "ignores fields of a call that it does not know",
      run: () =>
        connected(subject, async (scorer) => {
          const parts = [[{ type: "image", url: "data:image/png;base64,AAAA" }]];
          const later: Partial<ScoreCall> & Record<string, unknown> = { documentParts: parts, priority: 9 };
          assert.deepEqual(await score(subject, scorer, later), await score(subject, scorer));
        }),
    },
    {
      name: "changes nothing of a call",
      run: () =>
        connected(subject, async (scorer) => {
          const given = ["contract-document-c", "contract-document-a", "contract-document-b"];
          const texts = [...given];
          const params = Object.freeze<ScoreParams>({ truncate: true });
          await score(subject, scorer, { documents: texts, params, providerOptions: Object.freeze({}) });
          assert.deepEqual(texts, given, "the list of documents was changed; the indices of scores mean it as it was");
        }),
    },
    {
      name: "says of every call whether it brings details",
      run: () =>
        connected(subject, async (scorer) => {
          for (const providerOptions of [{}, ...(subject.providerOptions?.accepted ?? [])])
            for (const params of [{}, { relevantSpans: {} }, everyParameter]) {
              const asks = scorer.asksDetails?.(providerOptions, params) ?? false;
              assert.equal(typeof asks, "boolean", "asksDetails must give true or false");
              assert.equal(
                scorer.asksDetails?.(providerOptions, params) ?? false,
                asks,
                "asksDetails gave two answers",
              );
            }
        }),
    },
    ...optionChecks(subject),
    ...(isNetworkSubject(subject) ? usageChecks(subject) : []),
  ];
}

function optionChecks(subject: ProviderSubject): readonly Check[] {
  const { provider, providerOptions } = subject;
  const says: Check = {
    name: providerOptions ? "says that it takes provider options" : "takes no provider options, or says which",
    run: () =>
      connected(subject, async ({ takesProviderOptions = false }) =>
        assert.equal(
          takesProviderOptions,
          providerOptions !== undefined,
          "takesProviderOptions and the subject's providerOptions must say the same",
        ),
      ),
  };
  if (!providerOptions) return [says];
  return [
    says,
    {
      name: "accepts its own provider options",
      run: () =>
        connected(subject, async (scorer) => {
          for (const options of providerOptions.accepted) await score(subject, scorer, { providerOptions: options });
        }),
    },
    {
      name: "refuses wrong provider options by name, and sends nothing",
      run: async () => {
        for (const options of providerOptions.refused) {
          const refuse = async (outcome: Promise<unknown>): Promise<void> => {
            const failure = await failureOf(outcome);
            assertCode(failure, "invalid_request");
            const names = Object.keys(options).map((key) => `provider_options.${provider.name}.${key}`);
            assert.ok(
              names.some((name) => failure.param?.startsWith(name)),
              `param is ${failure.param}, not ${names.join(" or ")}`,
            );
            assertNoSecret(subject, failure.message);
          };
          if (!isNetworkSubject(subject))
            await connected(subject, (scorer) => refuse(score(subject, scorer, { providerOptions: options })));
          else
            await onStage(subject, async (stage) => {
              await refuse(stage.score({ providerOptions: options }));
              assert.equal(stage.scoreRequests().length, 0, "requests for scores arrived");
            });
        }
      },
    },
  ];
}

function usageChecks(subject: NetworkSubject): readonly Check[] {
  const { upstream } = subject;
  const withoutUsage = upstream.answerWithoutUsage?.bind(upstream);
  return [
    {
      name: "gives the usage that the upstream billed, and none where it says nothing",
      run: () => {
        let billed: Usage | undefined;
        return onStage(
          subject,
          async ({ result, scorer }) => {
            await scorer.profile(new AbortController().signal);
            billed = undefined;
            const { usage } = await result();
            assert.deepEqual(known(usage), known(billed));
          },
          (request) => {
            const answer = upstream.answer(trueScores(request.documents), request);
            billed = addUsage(billed, answer.usage);
            return answer;
          },
        );
      },
    },
    ...(withoutUsage
      ? [
          {
            name: "invents no usage where the answer carries none",
            run: () =>
              onStage(
                subject,
                async ({ result }) => assert.deepEqual(known((await result()).usage), {}),
                (request) => withoutUsage(trueScores(request.documents), request),
              ),
          },
        ]
      : []),
  ];
}

/** The figures that are named: absent and undefined are the same. */
function known(usage: Usage = {}): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, figure]) => figure !== undefined));
}
