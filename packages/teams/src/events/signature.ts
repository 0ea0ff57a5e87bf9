import { createHmac, randomBytes } from "node:crypto";

/** `whsec_` and 32 random bytes in base64, as Standard Webhooks has it. */
export function newWebhookSecret(): string {
  return `${prefix}${randomBytes(32).toString("base64")}`;
}

const prefix = "whsec_";

/** Of 24 to 64 bytes, as the specification asks. */
export function isWebhookSecret(text: string): boolean {
  const [, base64 = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, "base64");
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString("base64") === base64;
}

/** What is signed, and with what. */
export interface ToSign {
  /** The same at each attempt. */
  readonly id: string;
  /** Milliseconds since the epoch, of this attempt. */
  readonly at: number;
  readonly body: string;
  /** Several while a new secret takes the place of one; none signs nothing. */
  readonly secrets: readonly string[];
}

/** The headers of Standard Webhooks (https://www.standardwebhooks.com): who has the secret knows who sent the body, and when. */
export function signedHeaders({ id, at, body, secrets }: ToSign): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(signatures.length > 0 && { "webhook-signature": signatures.join(" ") }),
  };
}
