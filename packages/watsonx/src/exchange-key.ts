import { DheeraError, type Http } from "@dheera-ai/core";
import type { Exchanged } from "@dheera-ai/core/provider-utils";
import * as v from "valibot";

/** IBM's IAM gives a token for an API key, most often for an hour. */
export async function exchangeKey(
  http: Http,
  { key, iamUrl }: { readonly key: string; readonly iamUrl: string },
  signal: AbortSignal,
): Promise<Exchanged<string>> {
  const answer = await http.json(iamUrl, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "urn:ibm:params:oauth:grant-type:apikey", apikey: key }).toString(),
    signal,
  });
  const parsed = v.safeParse(schema, answer);
  if (!parsed.success)
    throw new DheeraError("provider_bad_response", "the answer of IBM's IAM holds no token; check WATSONX_IAM_URL", {
      provider: "watsonx",
    });
  return { value: parsed.output.access_token, expiresIn: parsed.output.expires_in };
}

/** What no header may hold is no token. */
const schema = v.object({ access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)), expires_in: v.number() });
