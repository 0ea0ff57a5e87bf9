import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Provider, Scorer } from "@dheera-ai/core";
import { type Reply, type ScriptedServer, testTarget, type UpstreamRequest, withServer } from "@dheera-ai/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";

import { bedrock } from "../bedrock.ts";
import { rerankApi, scoresFor } from "../testing/upstreams.ts";
import { isSigned } from "../testing/verify-signature.ts";

/** Keys that a source hands out, by number; each request for scores must be signed by the newest. */
const secretOf = (number: number): string => `handed-out-secret-${number}`;
const role = "arn:aws:iam::123456789012:role/reranker";
const nowhere = { AWS_CONFIG_FILE: "/nowhere", AWS_SHARED_CREDENTIALS_FILE: "/nowhere", AWS_REGION_NAME: "us-west-2" };
const ownKeys = { aws_access_key_id: "AKIDOWN", aws_secret_access_key: "own-secret" };

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("AWS keys of a role", () => {
  it("come from STS, which is asked by the deployment's own keys", async () => {
    const options = {
      ...ownKeys,
      aws_role_name: role,
      aws_session_name: "my-session",
      aws_external_id: "ticket-7",
      aws_region_name: "us-west-2",
    };
    const { exchanges } = await rankWith(({ url }) => ({ options: { ...options, aws_sts_endpoint: url } }), {
      isExchange: isSts,
      hand: stsAnswer,
    });
    expect(exchanges).toHaveLength(1);
    const [exchange] = exchanges;
    expect(Object.fromEntries(new URLSearchParams(exchange?.text))).toMatchObject({
      Action: "AssumeRole",
      RoleArn: role,
      RoleSessionName: "my-session",
      ExternalId: "ticket-7",
    });
    expect(
      exchange &&
        isSigned(exchange, {
          accessKeyId: "AKIDOWN",
          secretAccessKey: "own-secret",
          region: "us-west-2",
          service: "sts",
        }),
    ).toBe(true);
  });

  it("come from the environment's names as well, and what the deployment says wins as a whole", async () => {
    const environment = {
      ...nowhere,
      AWS_ROLE_NAME: role,
      AWS_SESSION_NAME: "from-environment",
      AWS_EXTERNAL_ID: "ticket-8",
      AWS_ACCESS_KEY_ID: "AKIDENV",
      AWS_SECRET_ACCESS_KEY: "environment-secret",
      AWS_SESSION_TOKEN: "environment-session",
    };
    const answers = { isExchange: isSts, hand: stsAnswer };
    const { exchanges } = await rankWith(
      ({ url }) => ({ environment: { ...environment, AWS_STS_ENDPOINT: url } }),
      answers,
    );
    expect(exchanges[0]?.text).toContain("RoleSessionName=from-environment");
    expect(exchanges[0]?.headers["x-amz-security-token"]).toBe("environment-session");
    const own = await rankWith(
      ({ url }) => ({ environment: { ...environment, AWS_STS_ENDPOINT: url }, options: ownKeys }),
      {
        ...answers,
        signer: { accessKeyId: "AKIDOWN", secretAccessKey: "own-secret" },
      },
    );
    expect(own.exchanges).toHaveLength(0);
    // A token of other keys would make Amazon refuse ours.
    expect(own.scoreRequests[0]?.headers).not.toHaveProperty("x-amz-security-token");
  });
});

describe("AWS keys of a web identity", () => {
  it.each([
    { name: "a token", reference: () => "the-token" },
    { name: "a variable", reference: () => "oidc/env/MY_TOKEN" },
    { name: "a file", reference: (path: string) => `oidc/file/${path}` },
    { name: "a file that a variable names", reference: () => "oidc/env_path/MY_TOKEN_FILE" },
    { name: "CircleCI", reference: () => "oidc/circleci" },
  ])("come from STS for $name", async ({ reference }) => {
    await using folder = await files({ token: "the-token\n" });
    const environment = {
      ...nowhere,
      MY_TOKEN: "the-token",
      MY_TOKEN_FILE: folder.path("token"),
      CIRCLE_OIDC_TOKEN: "the-token",
    };
    const options = { aws_web_identity_token: reference(folder.path("token")), aws_role_name: role };
    const { exchanges } = await rankWith(
      ({ url }) => ({ environment, options: { ...options, aws_sts_endpoint: url } }),
      { isExchange: isSts, hand: stsAnswer },
    );
    expect(Object.fromEntries(new URLSearchParams(exchanges[0]?.text))).toMatchObject({
      Action: "AssumeRoleWithWebIdentity",
      RoleArn: role,
      WebIdentityToken: "the-token",
    });
    expect(exchanges[0]?.headers).not.toHaveProperty("authorization");
  });

  it("come from what a pod is given, also where it names its own role", async () => {
    await using folder = await files({ token: "the-token" });
    for (const options of [{}, { aws_role_name: role }]) {
      const { exchanges } = await rankWith(
        ({ url }) => ({
          options,
          environment: {
            ...nowhere,
            AWS_ROLE_ARN: role,
            AWS_WEB_IDENTITY_TOKEN_FILE: folder.path("token"),
            AWS_STS_ENDPOINT: url,
          },
        }),
        { isExchange: isSts, hand: stsAnswer },
      );
      expect(exchanges).toHaveLength(1);
      expect(exchanges[0]?.text).toContain("WebIdentityToken=the-token");
    }
  });

  it("are not asked for where the token's place is not known", async () => {
    const options = { aws_web_identity_token: "oidc/somewhere/else", aws_role_name: role };
    await expect(rankWith(() => ({ options }))).rejects.toMatchObject({
      code: "invalid_request",
      param: "aws_web_identity_token",
    });
  });
});

describe("AWS keys of a profile", () => {
  it("come from the files of AWS's tools, with the region", async () => {
    await using folder = await files({
      credentials: `[other]\naws_access_key_id = AKIDFILE\naws_secret_access_key = file-secret\n`,
      config: "[profile other]\nregion = eu-central-1\n",
    });
    const environment = {
      AWS_SHARED_CREDENTIALS_FILE: folder.path("credentials"),
      AWS_CONFIG_FILE: folder.path("config"),
    };
    const signer = { accessKeyId: "AKIDFILE", secretAccessKey: "file-secret", region: "eu-central-1" };
    const places = [
      { environment, options: { aws_profile_name: "other" } },
      { environment: { ...environment, AWS_PROFILE_NAME: "other" } },
      { environment: { ...environment, AWS_PROFILE: "other" } },
    ];
    for (const place of places) {
      const { scoreRequests } = await rankWith(() => place, { signer });
      expect(scoreRequests).toHaveLength(1);
    }
  });

  it("come from a program that the profile names", async () => {
    await using folder = await files({});
    const printed = JSON.stringify({ Version: 1, AccessKeyId: "AKIDPROCESS", SecretAccessKey: "process-secret" });
    await writeFile(folder.path("print.cjs"), `process.stdout.write(${JSON.stringify(printed)})`);
    await writeFile(
      folder.path("config"),
      `[profile made]\nregion = us-west-2\ncredential_process = "${process.execPath}" "${folder.path("print.cjs")}"\n`,
    );
    const environment = { AWS_SHARED_CREDENTIALS_FILE: "/nowhere", AWS_CONFIG_FILE: folder.path("config") };
    const signer = { accessKeyId: "AKIDPROCESS", secretAccessKey: "process-secret" };
    const { scoreRequests } = await rankWith(() => ({ environment, options: { aws_profile_name: "made" } }), {
      signer,
    });
    expect(scoreRequests).toHaveLength(1);
  });

  it("are said to be missing by the names of what to look at", async () => {
    await expect(
      rankWith(() => ({ environment: nowhere, options: { aws_profile_name: "missing" } })),
    ).rejects.toMatchObject({ code: "provider_auth", message: expect.stringContaining("aws_profile_name") });
  });
});

describe("AWS keys of the machine", () => {
  it("come from the container's endpoint, with its token", async () => {
    await using folder = await files({ token: "container-token" });
    const { exchanges } = await rankWith(
      ({ url }) => ({
        environment: {
          ...nowhere,
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`,
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: folder.path("token"),
        },
      }),
      { isExchange: ({ path }) => path === "/container", hand: metadataAnswer },
    );
    expect(exchanges).toMatchObject([{ headers: { authorization: "container-token" } }]);
  });

  it("come from the instance's metadata, by its session token", async () => {
    const { exchanges } = await rankWith(
      ({ url }) => {
        vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
        return { environment: nowhere };
      },
      {
        isExchange: ({ path }) => path === `${instancePath}reranker`,
        hand: metadataAnswer,
        other: ({ path }) => {
          if (path === "/latest/api/token") return { body: "metadata-token" };
          return path === instancePath ? { body: "reranker" } : undefined;
        },
      },
    );
    expect(exchanges).toMatchObject([{ headers: { "x-aws-ec2-metadata-token": "metadata-token" } }]);
  });

  it("are said to be missing everywhere", async () => {
    const environment = { ...nowhere, AWS_EC2_METADATA_DISABLED: "true" };
    await expect(rankWith(() => ({ environment }))).rejects.toMatchObject({
      code: "provider_auth",
      message: expect.stringContaining("aws_access_key_id, aws_role_name, aws_profile_name"),
    });
  });
});

describe("keys that were handed out", () => {
  it("serve all deployments of one source, which is asked once", async () => {
    const { exchanges } = await rankWith(stsPlace, { ...sts, deployments: 3, times: 2 });
    expect(exchanges).toHaveLength(1);
  });

  it("are asked for again before they end, and when Amazon says that they have ended", async () => {
    const short = await rankWith(stsPlace, {
      ...sts,
      hand: (number, request) => stsAnswer(number, request, number === 1 ? -1 : 3600),
      times: 2,
    });
    expect(short.exchanges).toHaveLength(2);
    let refused = 0;
    const withdrawn = await rankWith(stsPlace, {
      ...sts,
      refuse: () =>
        refused++ === 0
          ? { status: 403, headers: { "x-amzn-errortype": "ExpiredTokenException" }, body: {} }
          : undefined,
    });
    expect(withdrawn.exchanges).toHaveLength(2);
    expect(withdrawn.scoreRequests).toHaveLength(2);
  });

  it.each([
    { status: 403, code: "AccessDenied", expected: "provider_auth" },
    { status: 400, code: "InvalidIdentityToken", expected: "provider_auth" },
    { status: 400, code: "Throttling", expected: "provider_rate_limited" },
  ])("and a refusal of $code by STS is $expected, without Amazon's words", async ({ status, code, expected }) => {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>arn:aws:iam::1:secret</Message></Error></ErrorResponse>`;
    const refusal = { status, headers: { "content-type": "text/xml" }, body };
    const outcome = rankWith(stsPlace, { ...sts, hand: () => refusal });
    await expect(outcome).rejects.toMatchObject({ code: expected, message: expect.not.stringContaining("arn:") });
    await expect(outcome).rejects.toMatchObject({ message: expect.not.stringContaining("secret") });
  });

  it("and an STS that is not there is called unreachable", async () => {
    const options = { ...ownKeys, aws_role_name: role, aws_sts_endpoint: "http://127.0.0.1:4" };
    await expect(rankWith(() => ({ options }))).rejects.toMatchObject({
      code: "provider_unreachable",
      message: expect.stringContaining("aws_sts_endpoint"),
    });
  });
});

const instancePath = "/latest/meta-data/iam/security-credentials/";
const sts = { isExchange: isSts, hand: stsAnswer };

interface Place {
  readonly options?: Readonly<Record<string, string | undefined>>;
  readonly environment?: Readonly<Record<string, string>>;
}

function stsPlace({ url }: Pick<ScriptedServer, "url">): Place {
  return { options: { ...ownKeys, aws_role_name: role, aws_sts_endpoint: url } };
}

interface Script {
  readonly isExchange?: (request: UpstreamRequest) => boolean;
  /** The answer that hands out keys, by number from 1. */
  readonly hand?: (number: number, request: UpstreamRequest) => Reply;
  readonly other?: (request: UpstreamRequest) => Reply | undefined;
  readonly refuse?: () => Reply | undefined;
  /** Who must have signed; the newest keys that were handed out when absent. */
  readonly signer?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region?: string };
  readonly deployments?: number;
  readonly times?: number;
}

interface Outcome {
  readonly exchanges: readonly UpstreamRequest[];
  readonly scoreRequests: readonly UpstreamRequest[];
}

/** Ranks at a Bedrock that takes only what the right keys have signed. */
function rankWith(placeAt: (server: { readonly url: string }) => Place, script: Script = {}): Promise<Outcome> {
  const { isExchange = () => false, hand, other, refuse, signer, deployments = 1, times = 1 } = script;
  const exchanges: UpstreamRequest[] = [];
  const scoreRequests: UpstreamRequest[] = [];
  const onRequest = (request: UpstreamRequest): Reply => {
    if (isExchange(request) && hand) {
      exchanges.push(request);
      return hand(exchanges.length, request);
    }
    const reply = other?.(request);
    if (reply) return reply;
    scoreRequests.push(request);
    const newest = { accessKeyId: `AKID${exchanges.length}`, secretAccessKey: secretOf(exchanges.length) };
    if (!isSigned(request, { region: "us-west-2", service: "bedrock", ...(signer ?? newest) }))
      return { status: 403, headers: { "x-amzn-errortype": "InvalidSignatureException" }, body: {} };
    return refuse?.() ?? { body: rerankApi.answer(scoresFor(1)) };
  };
  return withServer(onRequest, async ({ url }) => {
    const { options = {}, environment = nowhere } = placeAt({ url });
    const provider = bedrock({ environment });
    const scorers = Array.from({ length: deployments }, () => connectTo(provider, url, options));
    try {
      for (let time = 0; time < times; time++) await Promise.all(scorers.map(scoreOne));
    } finally {
      for (const scorer of scorers) await scorer.close?.();
    }
    return { exchanges, scoreRequests };
  });
}

function connectTo(provider: Provider, url: string, options: Readonly<Record<string, unknown>>): Scorer {
  return provider.connect(testTarget({ model: "amazon.rerank-v1:0", apiBase: url, options }));
}

async function scoreOne(scorer: Scorer): Promise<void> {
  const { signal } = new AbortController();
  await scorer.score({ query: "q", documents: ["one"], params: {}, providerOptions: {}, signal });
}

function isSts({ method, path, text }: UpstreamRequest): boolean {
  return method === "POST" && path === "/" && text.includes("Action=AssumeRole");
}

/** As STS answers, in XML. */
function stsAnswer(number: number, { text }: UpstreamRequest, seconds: number = 3600): Reply {
  const action = new URLSearchParams(text).get("Action") ?? "";
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>
    <AccessKeyId>AKID${number}</AccessKeyId><SecretAccessKey>${secretOf(number)}</SecretAccessKey>
    <SessionToken>session-${number}</SessionToken><Expiration>${endIn(seconds)}</Expiration>
  </Credentials></${action}Result></${action}Response>`;
  return { headers: { "content-type": "text/xml" }, body };
}

/** As the endpoints of containers and instances answer. */
function metadataAnswer(number: number): Reply {
  const body = {
    Code: "Success",
    Type: "AWS-HMAC",
    AccessKeyId: `AKID${number}`,
    SecretAccessKey: secretOf(number),
    Token: `session-${number}`,
    Expiration: endIn(3600),
    LastUpdated: endIn(0),
  };
  return { body };
}

function endIn(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

interface Folder extends AsyncDisposable {
  path(name: string): string;
}

async function files(contents: Readonly<Record<string, string>>): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), "bedrock-"));
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
  return {
    path: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
