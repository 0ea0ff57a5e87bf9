import type { Parameter, Paths } from "../open-api.ts";
import { exampleCallId } from "../examples.ts";
import { exampleHash } from "./examples.ts";
import type { OperationId } from "./managers.ts";
import { type Managed, describeManaged, queryChoice, queryDay, queryFlag, queryText, queryWhole } from "./operation.ts";

const owners = [
  queryText("api_key", "Of this key alone: its hash, or the key itself, which then stands in logs of addresses."),
  queryText("team_id", "Of this team alone."),
  queryText("user_id", "Of this user alone."),
  queryText("internal_user_id", "The same, as LiteLLM's report calls it."),
  queryText("organization_id", "Of this organization alone."),
];
const days = [
  queryDay("start_date", "The first day; 30 days before the last when absent."),
  queryDay("end_date", "The last day; today when absent."),
  queryText(
    "timezone",
    "The IANA name of the time zone in which days begin, `Europe/Berlin`; UTC when absent. Its days are summed from single answers, as far back as these are kept.",
  ),
];
const format = queryChoice("format", "`csv` answers with a table.", ["json", "csv"]);
const limit = queryWhole("limit", "The dearest so many.", 10_000);
const filters: readonly Parameter[] = [...owners, ...days];

const scope = "At most 400 days.";

const figures = {
  spend: 0.42,
  saved_spend: 0.11,
  total_tokens: 48_000,
  documents: 1_200,
  cached_documents: 300,
  api_requests: 24,
  failed_requests: 1,
  unknown_cost_requests: 0,
};
const metrics = { ...figures, successful_requests: 23 };
const log = {
  request_id: "5b9c3f0e-6a41-4b7e-9a53-7d8f0c1e2a34",
  litellm_call_id: exampleCallId,
  call_type: "rerank",
  api_key: exampleHash,
  key_name: "search-service",
  team_id: "research",
  user: null,
  organization_id: null,
  spend: 0.002,
  saved_spend: null,
  total_tokens: 0,
  documents: 40,
  cached_documents: 0,
  startTime: "2026-11-27T09:00:00.000Z",
  endTime: "2026-11-27T09:00:00.085Z",
  request_duration_ms: 85.2,
  model: "bm25",
  model_group: "bm25",
  model_id: "bm25-ce4b4dad",
  custom_llm_provider: "bm25",
  request_tags: [],
  status: "success",
  status_code: 200,
};

/** What was spent, by whom and on what. */
export function describeSpendPaths(): Paths {
  return describeManaged({
    "/spend/logs": {
      get: {
        id: "spendLogs",
        summary: "List the answers that were booked",
        description: `The latest first. With both dates sums of each day, as LiteLLM gives them, unless \`summarize=false\`. ${scope}`,
        parameters: [
          ...filters,
          queryText("request_id", "The answer with this id: the proxy's own, or `x-dheera-call-id`."),
          queryFlag("summarize", "Whether days are summed up where both dates are given; true when absent."),
          ...pages,
          format,
        ],
        answers: "SpendLogs",
        example: [log],
        isTable: true,
      },
    },
    "/spend/logs/v2": {
      get: {
        id: "spendLogsByPage",
        summary: "List the answers that were booked, by pages",
        description: scope,
        parameters: [...filters, queryText("request_id", "The answer with this id."), ...pages, format],
        answers: "SpendLogPage",
        example: { data: [log], total: 1, page: 1, page_size: 50, total_pages: 1 },
        isTable: true,
      },
    },
    "/spend/logs/delete": {
      post: {
        id: "deleteSpendLogs",
        summary: "Delete the answers of a key or a team",
        description:
          "What is deleted names keys, teams and users, request by request; sums of days and what counts against budgets stay. The audit log says who asked for it. A process makes one deletion at a time and answers others with 503 meanwhile; after a timeout the same call goes on with the rest.",
        body: ["SpendDeletionRequest", { team_id: "research", before: "2026-11-27" }],
        answers: "SpendDeletion",
        example: { api_key: null, team_id: "research", before: "2026-11-27T00:00:00.000Z", deleted_logs: 1_204 },
      },
    },
    "/global/spend/report": {
      get: {
        id: "spendReport",
        summary: "Sum up what was spent",
        description: `Of each day with its teams, users, models or providers, or of each key. ${scope}`,
        parameters: [
          ...filters,
          queryChoice("group_by", "What is summed up; `team` when absent.", [
            "team",
            "api_key",
            "user",
            "model",
            "provider",
          ]),
          format,
        ],
        answers: "SpendReport",
        example: [
          {
            group_by_day: "2026-11-27",
            teams: [
              {
                team_id: "research",
                team_name: "Research",
                total_spend: 0.42,
                metadata: [{ model: "bm25", api_key: exampleHash, ...figures }],
              },
            ],
          },
        ],
        isTable: true,
      },
    },
    "/global/spend": {
      get: report("globalSpend", "Show what was spent together", "SpendTotal", { ...figures, max_budget: null }),
    },
    "/global/spend/logs": {
      get: report("spendOfDays", "Show what was spent on each day", "SpendOfDays", [
        { date: "2026-11-27", ...figures },
      ]),
    },
    "/global/spend/keys": { get: ofKeys("spendOfKeys") },
    "/spend/keys": {
      get: report("spendOfKeyRows", "Show what each key spent, as LiteLLM's rows of keys", "SpendOfKeyRows", [
        { token: exampleHash, key_alias: "search-service", key_name: "sk-...ey-1", team_id: "research", spend: 0.42 },
      ]),
    },
    "/spend/users": {
      get: report("spendOfUsers", "Show what each user spent", "SpendOfUsers", [{ user_id: "ada", spend: 0.42 }]),
    },
    "/spend/tags": {
      get: ofTags("spendOfTags", "SpendOfTags", [
        { individual_request_tag: "nightly", log_count: 24, total_spend: 0.42 },
      ]),
    },
    "/global/spend/tags": {
      get: ofTags("globalSpendOfTags", "GlobalSpendOfTags", {
        spend_per_tag: [{ name: "nightly", spend: 0.42, log_count: 24 }],
      }),
    },
    "/global/spend/teams": {
      get: report("spendOfTeams", "Show what each team spent", "SpendOfTeams", {
        daily_spend: [{ date: "2026-11-27", Research: 0.42 }],
        teams: ["Research"],
        total_spend_per_team: [{ team_id: "Research", total_spend: 0.42 }],
      }),
    },
    "/global/spend/models": {
      get: report("spendOfModels", "Show what was spent on each model", "SpendOfModels", [
        { model: "bm25", total_spend: 0.42 },
      ]),
    },
    "/global/spend/provider": {
      get: report("spendOfProviders", "Show what was spent at each provider", "SpendOfProviders", [
        { provider: "bm25", spend: 0.42 },
      ]),
    },
    "/global/activity": {
      get: report("globalActivity", "Show how much was served on each day", "GlobalActivity", {
        daily_data: [{ date: "2026-11-27", ...figures }],
        sum_api_requests: 24,
        sum_total_tokens: 48_000,
      }),
    },
    "/user/daily/activity": { get: activity("dailyActivity") },
    "/team/daily/activity": { get: activity("dailyActivityToo") },
  });
}

const pages = [
  queryWhole("page", "Which page, from 1.", 1_000_000),
  queryWhole("page_size", "Rows of a page.", 10_000),
];

function report(id: OperationId, summary: string, answers: Managed["answers"], example: object): Managed {
  return { id, summary, description: scope, parameters: [...filters, limit], answers, example };
}

function ofTags(id: OperationId, answers: Managed["answers"], example: object): Managed {
  return {
    id,
    summary: "Show what was spent for each tag",
    description: `Tags are those of keys. An answer with two tags counts for both; without single answers (\`disable_spend_logs\`) there is nothing. ${scope}`,
    parameters: [...filters, limit, queryText("tags", "These alone, separated by commas.")],
    answers,
    example,
  };
}

function ofKeys(id: OperationId): Managed {
  return report(id, "Show what each key spent", "SpendOfKeys", [
    { api_key: exampleHash, key_alias: "search-service", key_name: "sk-...ey-1", total_spend: 0.42 },
  ]);
}

function activity(id: OperationId): Managed {
  return {
    id,
    summary: "Show each day by keys, teams, models and providers",
    description: `The latest day first. Of keys, teams, models and providers the 200 with the most spend are shown; the figures of days are of all. ${scope}`,
    parameters: [
      ...filters,
      queryWhole("page", "Which page of days, from 1.", 1_000_000),
      queryWhole("page_size", "Days of a page.", 1_000),
    ],
    answers: "DailyActivity",
    example: {
      results: [
        {
          date: "2026-11-27",
          metrics,
          breakdown: {
            models: { bm25: { metrics, metadata: {} } },
            providers: { bm25: { metrics, metadata: {} } },
            api_keys: {
              [exampleHash]: {
                metrics,
                metadata: { key_alias: "search-service", key_name: "sk-...ey-1", team_id: "research" },
              },
            },
            teams: { research: { metrics, metadata: { team_alias: "Research" } } },
          },
        },
      ],
      metadata: { total_spend: 0.42, page: 1, total_pages: 1, has_more: false },
    },
  };
}
