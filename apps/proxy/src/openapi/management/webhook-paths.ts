import type { Parameter, Paths } from "../open-api.ts";
import { delivery, onePage, webhook } from "./examples.ts";
import { describeManaged, pageParameters, queryChoice, queryText } from "./operation.ts";

const secret = "whsec_ZXhhbXBsZS1vZi1hLXNlY3JldC0zMi1ieXRlcyEhISE=";
const id: Parameter = {
  name: "webhook_id",
  in: "path",
  required: true,
  description: "The webhook.",
  schema: { type: "string" },
  example: "pager",
};

/** Who is told of budgets, keys and deployments. All of it is for proxy admins, and for viewers to see. */
export function describeWebhookPaths(): Paths {
  return describeManaged({
    "/webhook/new": {
      post: {
        id: "newWebhook",
        summary: "Add a webhook",
        description:
          "Its secret is shown in this answer and never again; bodies are signed with it as Standard Webhooks has it. The address obeys `allowed_private_networks`. Needs `DHEERA_AI_SALT_KEY`.",
        body: [
          "NewWebhookRequest",
          {
            webhook_id: "pager",
            url: "https://hooks.example/dheera",
            events: ["budget.spent", "deployment.down"],
          },
        ],
        answers: "Webhook",
        example: { ...webhook, secret },
      },
    },
    "/webhook/update": {
      post: {
        id: "updateWebhook",
        summary: "Change a webhook",
        description: "What is absent stays as it is.",
        body: ["WebhookChangeRequest", { webhook_id: "pager", events: ["budget.spent"] }],
        answers: "Webhook",
        example: { ...webhook, events: ["budget.spent"] },
      },
    },
    "/webhook/{webhook_id}/regenerate": {
      post: {
        id: "regenerateWebhookSecret",
        summary: "Give a webhook a new secret",
        description: "The one before signs too until its grace is over.",
        parameters: [id],
        body: ["WebhookRotationRequest", { grace_seconds: 3_600 }],
        answers: "Webhook",
        example: { ...webhook, previous_secret_until: webhook.created_at, secret },
      },
    },
    "/webhook/test": {
      post: {
        id: "testWebhook",
        summary: "Send an event to a webhook now",
        description: "Says how it went: one attempt.",
        body: ["WebhookRequest", { webhook_id: "pager" }],
        answers: "WebhookTest",
        example: { ...delivery, event: "webhook.test" },
      },
    },
    "/webhook/info": {
      get: {
        id: "webhookInfo",
        summary: "Show a webhook",
        parameters: [{ ...queryText("webhook_id", "Its id."), required: true }],
        answers: "Webhook",
        example: webhook,
      },
    },
    "/webhook/list": {
      get: {
        id: "listWebhooks",
        summary: "List webhooks",
        description:
          "The latest thousand, or the page that is asked for; `x-total-count` says how many there are, and `link` where the next ones are. Those of the configuration (`alerting`) are among them.",
        parameters: pageParameters("page_size"),
        answers: "WebhookList",
        example: { webhooks: [webhook] },
      },
    },
    "/webhook/deliveries": {
      get: {
        id: "webhookDeliveries",
        summary: "Show what webhooks were told",
        description: "The latest first: what was sent, how often, when it is tried again, and why it failed.",
        parameters: [
          ...pageParameters("page_size"),
          queryText("webhook_id", "Those of this webhook."),
          queryChoice("status", "Those that are so.", ["pending", "delivered", "failed"]),
        ],
        answers: "WebhookDeliveries",
        example: { deliveries: [delivery], ...onePage },
      },
    },
    "/webhook/delete": {
      post: {
        id: "deleteWebhook",
        summary: "Delete a webhook, with what is on its way to it",
        body: ["WebhookRequest", { webhook_id: "pager" }],
        answers: "Webhook",
        example: webhook,
      },
    },
  });
}
