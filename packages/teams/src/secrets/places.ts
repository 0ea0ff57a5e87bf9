/** Where an encrypted text of a deployment's parameters stands, as `Secrets` wants it. */
export function placeInModel(modelId: string, path: string): string {
  return `dheera_models/${modelId}/${path}`;
}

/** Columns of a webhook that are encrypted. A secret keeps its place when it becomes the previous one. */
export type WebhookColumn = "secret" | "url";

/** Where an encrypted text of a webhook stands. */
export function placeOfWebhook(webhookId: string, column: WebhookColumn = "secret"): string {
  return `dheera_webhooks/${webhookId}/${column}`;
}
