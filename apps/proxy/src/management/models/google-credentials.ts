import { DheeraError } from "@dheera-ai/core";
import * as v from "valibot";

/**
 * Google's library does whatever credentials say: those of other kinds than keys of service accounts and of users read files, run programs
 * and ask any address. A key's own address for tokens must be Google's.
 * @param given an object, or its JSON
 * @throws DheeraError `invalid_request` naming the field; nothing of the credentials is quoted
 */
export function checkGoogleCredentials(given: unknown, field: string): void {
  const refuse = (reason: string): never => {
    throw new DheeraError("invalid_request", `${field} ${reason}`, { param: field });
  };
  const data = typeof given === "string" ? parse(given) : given;
  if (data === undefined)
    return refuse("must be the JSON of the credentials themselves: configuration files alone may name a file");
  if (!v.is(harmless, data))
    refuse(
      "must be the key of a service account or of a user (type: service_account or authorized_user) that gets its tokens from googleapis.com: configuration files alone may hold others",
    );
}

const googleAddress = v.pipe(v.string(), v.regex(/^https:\/\/(?:[a-z0-9-]+\.)+googleapis\.com\//));

const harmless = v.object({
  type: v.picklist(["service_account", "authorized_user"]),
  token_uri: v.optional(v.union([googleAddress, v.literal("https://accounts.google.com/o/oauth2/token")])),
  universe_domain: v.optional(v.literal("googleapis.com")),
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
