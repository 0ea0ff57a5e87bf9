import type { Scorer } from "@dheera-ai/core";
import { readScores } from "@dheera-ai/core/provider-utils";

import type { Deployment } from "./deployment.ts";
import { findEndpoint, noRegion } from "./place.ts";
import { bedrockError } from "./wire/bedrock-error.ts";
import { ignoredParameters } from "./wire/ignored-parameters.ts";
import { invokeBody, invokePath, invokeUsage } from "./wire/invoke-model.ts";
import { checkQuery } from "./wire/texts.ts";
import { withPath } from "./wire/with-path.ts";

/** Asks InvokeModel with a Bedrock API key, which stands in each request. */
export function connectBearer(
  { target, options, model, environment, region, profile }: Deployment,
  key: string,
): Scorer {
  // There is no profile whose file could name one.
  if (region === undefined) throw noRegion();
  const place = findEndpoint(target, options, { api: "invoke_model", region, environment });
  const url = withPath(place.url, invokePath(model.given)).href;
  const headers = { authorization: `Bearer ${key}`, accept: "application/json" };
  const asked = { model, region, isSigned: false };

  return {
    profile: () => profile,
    async score(call) {
      checkQuery(call.query);
      const { signal } = call;
      const request = { method: "POST", headers, body: invokeBody(call), signal };
      const answer = await target.http.json(url, request).catch((error: unknown) => {
        throw bedrockError(error, asked, signal);
      });
      const usage = invokeUsage(answer);
      return {
        scores: readScores(answer),
        warnings: ignoredParameters(call.params, model),
        ...(usage && { usage }),
      };
    },
  };
}
