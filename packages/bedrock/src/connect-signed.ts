import { DheeraError, isHttpError, type ScoreCall, type Scorer, type ScoreResult } from "@dheera-ai/core";
import { readScores, rememberSuccess } from "@dheera-ai/core/provider-utils";

import type { Deployment } from "./deployment.ts";
import type { AwsKeys } from "./credentials/aws-sdk.ts";
import type { CredentialPool, PooledCredentials } from "./credentials/credential-pool.ts";
import { profileRegion } from "./credentials/profile-region.ts";
import { findSource } from "./credentials/source.ts";
import { isOfCohere } from "./model-name.ts";
import { type Api, findEndpoint, noRegion } from "./place.ts";
import { bedrockError } from "./wire/bedrock-error.ts";
import { ignoredParameters } from "./wire/ignored-parameters.ts";
import { invokeBody, invokePath, invokeUsage } from "./wire/invoke-model.ts";
import { readPages, rerankBody, rerankPath } from "./wire/rerank-api.ts";
import { searchUnits } from "./wire/search-units.ts";
import { createServerClock, isStale } from "./wire/server-clock.ts";
import { sign } from "./wire/sign.ts";
import { checkQuery } from "./wire/texts.ts";
import { withPath } from "./wire/with-path.ts";

/** A request that is on its way: where to, and signed by whom. */
interface Way {
  readonly url: URL;
  readonly region: string;
  readonly credentials: PooledCredentials;
}

/** Asks the Rerank API, or InvokeModel where that is said, by requests that AWS credentials sign. */
export function connectSigned(deployment: Deployment, pool: CredentialPool): Scorer {
  const { options, model, profile } = deployment;
  const api = options.bedrock_api ?? "rerank";
  checkFormat(deployment, api);
  // Checks that what it needs is there.
  findSource(options, deployment.region, deployment.environment);
  const clock = createServerClock();
  let isClosed = false;
  let taken: PooledCredentials | undefined;

  /** Found at the first call, because a file may have to be read for it. */
  const findWay = rememberSuccess(async (): Promise<Way> => {
    const region = deployment.region ?? (await profileRegion(options, deployment.environment));
    if (region === undefined) throw noRegion();
    const { url } = findEndpoint(deployment.target, options, { api, region, environment: deployment.environment });
    const credentials = pool.take(findSource(options, region, deployment.environment));
    taken = credentials;
    if (isClosed) credentials.release();
    return { url: withPath(url, api === "rerank" ? rerankPath : invokePath(model.given)), region, credentials };
  });

  const post = async (body: object, { url, region, credentials }: Way, signal: AbortSignal): Promise<unknown> => {
    const text = JSON.stringify(body);
    const attempt = async (keys: AwsKeys): Promise<unknown> => {
      const headers = await sign({ url, body: text, region, keys, date: clock.now() });
      return deployment.target.http.json(url.href, { method: "POST", headers, body: text, signal });
    };
    const keys = await credentials.get(signal);
    try {
      return await attempt(keys).catch(async (error: unknown) => {
        if (!isHttpError(error) || !isStale(error)) throw error;
        clock.correct(error.headers.get("date"));
        credentials.invalidate(keys);
        return attempt(await credentials.get(signal));
      });
    } catch (error) {
      throw bedrockError(error, { model, region, isSigned: true }, signal);
    }
  };

  return {
    profile: () => profile,
    close() {
      isClosed = true;
      taken?.release();
    },
    async score(call) {
      checkQuery(call.query);
      const found = await findWay();
      const result = await askApi(api, call, deployment, found.region, (body) => post(body, found, call.signal));
      return { ...result, warnings: ignoredParameters(call.params, model) };
    },
  };
}

/** @throws DheeraError `invalid_request` for a model whose format InvokeModel would want, and is not known here */
function checkFormat({ model }: Deployment, api: Api): void {
  if (api === "rerank" || isOfCohere(model)) return;
  throw new DheeraError(
    "invalid_request",
    "bedrock_api: invoke_model is for Cohere's models only, whose format is known here; leave it out for the Rerank API",
    { param: "bedrock_api", provider: "bedrock" },
  );
}

async function askApi(
  api: Api,
  call: ScoreCall,
  { model }: Deployment,
  region: string,
  ask: (body: object) => Promise<unknown>,
): Promise<ScoreResult> {
  if (api === "invoke_model") {
    const answer = await ask(invokeBody(call));
    const usage = invokeUsage(answer);
    return { scores: readScores(answer), ...(usage && { usage }) };
  }
  const { query, documents, params } = call;
  const most = params.maxTokensPerDocument;
  const modelFields = most !== undefined && isOfCohere(model) ? { max_tokens_per_doc: most } : undefined;
  const scores = await readPages(rerankBody(call, model.arnIn(region), modelFields), documents.length, ask);
  const usage = searchUnits(query, documents);
  return { scores, ...(usage && { usage }) };
}
