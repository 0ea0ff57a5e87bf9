import { expect, it } from "vitest";

import { parseConfig } from "../config/parse-config.ts";
import { startProxy } from "../fixtures/start-proxy.ts";
import { memoryLog } from "../fixtures/memory-log.ts";
import { type ConfiguredWebhooks, configuredWebhooks } from "./configured-webhooks.ts";

const slack = "https://hooks.slack.example/services/T/B/secret";
const other = "https://hooks.slack.example/services/T/C/secret";

it("sends everything to Slack's address of the environment, and what has an address of its own there", () => {
  expect(configure("alerting: [slack]", { SLACK_WEBHOOK_URL: slack }).webhooks).toMatchObject([
    { url: slack, format: "slack", events: expect.arrayContaining(["budget.spent", "deployment.up"]) },
  ]);
  const { webhooks, warnings } = configure(
    `alerting: [slack], alert_to_webhook_url: { budget_alerts: ["${other}"], llm_exceptions: "${other}" }`,
    { SLACK_WEBHOOK_URL: slack },
  );
  expect(webhooks).toMatchObject([
    { url: other, events: ["budget.nearly_spent", "budget.spent"] },
    { url: slack, events: ["key.expiring", "deployment.down", "deployment.up"] },
  ]);
  expect(warnings).toEqual([
    "general_settings.alert_to_webhook_url: llm_exceptions has no effect: there is no such alert here",
  ]);
});

it("sends JSON to LiteLLM's other address, of the wanted kinds, signed where there is a secret", () => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  const environment = { WEBHOOK_URL: "http://10.0.0.7/alerting", WEBHOOK_SECRET: secret };
  expect(configure("alerting: [webhook], alert_types: [budget_alerts]", environment).webhooks).toMatchObject([
    { url: environment.WEBHOOK_URL, format: "json", secret, events: ["budget.nearly_spent", "budget.spent"] },
  ]);
});

it.each([
  ["alerting: [slack]", {}, "slack sends nothing: set SLACK_WEBHOOK_URL, or alert_to_webhook_url"],
  ["alerting: [webhook]", {}, "webhook sends nothing: set WEBHOOK_URL"],
  ["alerting: [email]", {}, "email has no effect"],
  [
    "alerting: [webhook]",
    { WEBHOOK_URL: "https://a.example", WEBHOOK_SECRET: "short" },
    "WEBHOOK_SECRET must be whsec_",
  ],
  ["alerting: [webhook]", { WEBHOOK_URL: "http://169.254.169.254/secret" }, "never allowed"],
  ["alerting: [slack]", { SLACK_WEBHOOK_URL: "http://hooks.example:0/secret" }, "must have a port"],
])("says why nothing is sent: %s with %o", (settings, environment, reason) => {
  const { webhooks, warnings } = configure(settings, environment);
  expect(webhooks).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining(reason)]);
  expect(warnings.join()).not.toMatch(/short|\/secret/);
});

it("says at the start that alerts need a database", async () => {
  const log = memoryLog();
  await using proxy = await startProxy({ yaml: yamlOf("alerting: [slack]"), log });
  expect(log.lines.join()).toContain("general_settings.alerting: has no effect without database_url");
  expect(proxy.url).toContain("127.0.0.1");
});

function configure(settings: string, environment: Record<string, string>): ConfiguredWebhooks {
  const { config, warnings } = parseConfig(yamlOf(settings), { file: "config.yaml", environment });
  expect(warnings).toEqual([]);
  return configuredWebhooks(config.general_settings, environment);
}

function yamlOf(settings: string): string {
  return `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
general_settings: { ${settings} }
`;
}
