import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createDheera, type Dheera } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";
import { type ScriptedServer, withServer } from "@dheera-ai/core/testing";
import { gcpMetadata } from "google-auth-library";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { type Google, google, serviceAccount, toStandIn, user, workload } from "../testing/google.ts";
import { vertexAi } from "../vertex-ai.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dheera-vertex-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  gcpMetadata.resetIsAvailableCache();
  gcpMetadata.setGCPResidency(null);
  await rm(folder, { recursive: true });
});

describe("credentials, exchanged by Google's own library", () => {
  test.each([
    { name: "the JSON of a service account", params: { vertex_credentials: JSON.stringify(serviceAccount) } },
    { name: "an object", params: { vertex_ai_credentials: serviceAccount } },
    { name: "api_key, with the same JSON", params: { api_key: JSON.stringify(serviceAccount) } },
    { name: "VERTEXAI_CREDENTIALS", environment: { VERTEXAI_CREDENTIALS: JSON.stringify(serviceAccount) } },
  ])("are $name", async ({ params = {}, environment = {} }) => {
    expect(await rankWith({ params, environment })).toMatchObject({
      grants: ["service account"],
      project: "my-project",
    });
  });

  test("are a file that a parameter, VERTEXAI_CREDENTIALS or GOOGLE_APPLICATION_CREDENTIALS names", async () => {
    const path = await write("key.json", serviceAccount);
    for (const given of [
      { params: { vertex_credentials: path } },
      { environment: { VERTEXAI_CREDENTIALS: path } },
      { environment: { GOOGLE_APPLICATION_CREDENTIALS: path } },
    ])
      expect(await rankWith(given)).toMatchObject({ grants: ["service account"] });
  });

  test("are a user's, as gcloud leaves them", async () => {
    await mkdir(join(folder, ".config", "gcloud"), { recursive: true });
    await write(join(".config", "gcloud", "application_default_credentials.json"), user);
    expect(await rankWith({ environment: { HOME: folder } })).toMatchObject({
      grants: ["user"],
      project: "my-project",
    });
    const own = { CLOUDSDK_CONFIG: join(folder, ".config", "gcloud") };
    expect(await rankWith({ environment: own })).toMatchObject({ grants: ["user"] });
  });

  test("are those of an account that a user stands in for", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const file = {
      type: "impersonated_service_account",
      service_account_impersonation_url:
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/target@my-project.iam.gserviceaccount.com:generateAccessToken",
      source_credentials: user,
      quota_project_id: "my-project",
    };
    expect(await rankWith({ params: { vertex_credentials: file } })).toMatchObject({
      grants: ["user", "impersonation"],
    });
    warn.mockRestore();
  });

  test("are a workload identity's: a cluster's token, exchanged, and exchanged again for a service account", async () => {
    const file = join(folder, "token");
    await writeFile(file, "token-of-the-cluster");
    const outcome = await rankWith((url) => ({
      params: {
        vertex_credentials: {
          ...workload,
          // The library makes this request by itself, so it is told where the stand-in is.
          token_url: `${url}/sts.googleapis.com/v1/token`,
          service_account_impersonation_url:
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/target@my-project.iam.gserviceaccount.com:generateAccessToken",
          credential_source: { file },
        },
        vertex_project: "my-project",
      },
    }));
    expect(outcome).toMatchObject({ grants: ["sts", "impersonation"], project: "my-project" });
  });

  test("are those of the machine, from the metadata server, project included", async () => {
    const outcome = await rankWith((url) => {
      vi.stubEnv("GCE_METADATA_HOST", new URL(url).host);
      return {};
    });
    expect(outcome).toMatchObject({ grants: ["metadata"], project: "my-project" });
    expect(outcome.requests.map(({ path }) => path.split("?")[0])).toContain(
      "/computeMetadata/v1/instance/service-accounts/default/token",
    );
  });

  test("are not to be had from a machine that is none of Google's", async () => {
    vi.stubEnv("METADATA_SERVER_DETECTION", "none");
    gcpMetadata.setGCPResidency(false);
    expect((await rankWith({})).failure).toMatchObject({
      code: "provider_auth",
      message: expect.stringContaining("GOOGLE_APPLICATION_CREDENTIALS"),
    });
  });

  test("of a deployment come before those of the environment", async () => {
    const environment = { VERTEXAI_CREDENTIALS: JSON.stringify(user), GOOGLE_APPLICATION_CREDENTIALS: "/nowhere" };
    const params = { vertex_credentials: serviceAccount };
    expect(await rankWith({ params, environment })).toMatchObject({ grants: ["service account"] });
    expect(await rankWith({ environment })).toMatchObject({ grants: ["user"] });
  });

  test("name the project, unless the deployment or the environment does", async () => {
    const params = { vertex_credentials: { ...serviceAccount, project_id: "other" } };
    expect(await rankWith({ params })).toMatchObject({ project: "other" });
    expect(await rankWith({ params, environment: { VERTEXAI_PROJECT: "my-project" } })).toMatchObject({
      project: "my-project",
    });
    expect(
      await rankWith({ params: { ...params, vertex_ai_project: "mine" }, environment: { VERTEXAI_PROJECT: "theirs" } }),
    ).toMatchObject({ project: "mine" });
    const { project_id: _, ...without } = serviceAccount;
    expect((await rankWith({ params: { vertex_credentials: without } })).failure).toMatchObject({
      code: "provider_auth",
      message: expect.stringContaining("set vertex_project of this deployment, or VERTEXAI_PROJECT"),
    });
  });
});

describe("credentials that cannot be used", () => {
  const { privateKey: otherKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });

  test.each([
    {
      name: "a key that was deleted",
      given: { ...serviceAccount, private_key: otherKey },
      says: "HTTP 400, invalid_grant",
    },
    {
      name: "a key that is damaged",
      given: { ...serviceAccount, private_key: "private-text" },
      says: "cannot use these credentials",
    },
    { name: "a file that is not there", given: "/nowhere/private-text.json", says: "ENOENT" },
    {
      name: "a key in place of a path",
      given: "-----BEGIN PRIVATE KEY-----private-text",
      says: "neither JSON nor the path",
    },
    { name: "broken JSON", given: '{"private_key":"private-text"', says: "not the JSON" },
    {
      name: "another type",
      given: { type: "gdch_service_account", key: "private-text" },
      says: "there are service_account",
    },
    {
      name: "a missing field",
      given: { ...serviceAccount, client_email: undefined },
      says: "no usable client_email",
    },
    {
      name: "another cloud",
      given: { ...serviceAccount, universe_domain: "example.cloud" },
      says: "another cloud",
    },
  ])("say why, and nothing of themselves: $name", async ({ given, says }) => {
    const { failure, requests } = await rankWith({ params: { vertex_credentials: given } });
    expect(failure).toMatchObject({ code: "provider_auth", message: expect.stringContaining(says) });
    expect(String(failure)).not.toMatch(/private-text|BEGIN/);
    expect(requests.filter(({ path }) => path.endsWith(":rank"))).toEqual([]);
  });

  test("are refused by type before anything is read", () => {
    const connect = (): unknown => dheeraOf("http://127.0.0.1:4", { vertex_credentials: 7 }, {});
    expect(connect).toThrow("vertex_credentials must be JSON, an object, or a path");
  });
});

describe("a token", () => {
  test("is asked for once for many calls, and once more after Google refused it", async () => {
    const cloud = google();
    await withServer(cloud.reply, async ({ url }) => {
      await using dheera = dheeraOf(url, { vertex_credentials: serviceAccount }, {});
      const rank = async (): Promise<void> => void (await dheera.rerank({ model: "m", query: "q", documents: ["a"] }));
      await Promise.all([rank(), rank(), rank()]);
      expect(cloud.grants).toHaveLength(1);
      cloud.withdraw("ya29.1");
      await Promise.all([rank(), rank()]);
      expect(cloud.grants).toHaveLength(2);
    });
  });

  test("is of the file as it is now, so that a key can be replaced", async () => {
    const path = await write("key.json", serviceAccount);
    const cloud = google();
    await withServer(cloud.reply, async ({ url }) => {
      await using dheera = dheeraOf(url, { vertex_credentials: path }, {});
      const rank = async (): Promise<void> => void (await dheera.rerank({ model: "m", query: "q", documents: ["a"] }));
      await rank();
      await write("key.json", user);
      cloud.withdraw("ya29.1");
      await rank();
      expect(cloud.grants).toEqual(["service account", "user"]);
    });
  });
});

interface Given {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly environment?: Environment;
}

interface Outcome {
  readonly grants: Google["grants"];
  readonly requests: ScriptedServer["requests"];
  /** That the documents were sent to. */
  readonly project: string | undefined;
  readonly failure?: unknown;
}

/** Ranks once, at a Google that knows the project that it is asked for. */
function rankWith(given: Given | ((url: string) => Given)): Promise<Outcome> {
  const cloud = google();
  return withServer(cloud.reply, async ({ url, requests }) => {
    const { params = {}, environment = {} } = typeof given === "function" ? given(url) : given;
    await using dheera = dheeraOf(url, params, environment);
    const failure = await dheera.rerank({ model: "m", query: "q", documents: ["a"] }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const project = requests.map(({ path }) => /\/projects\/([^/]+)\/locations/.exec(path)?.[1]).find(Boolean);
    return { grants: cloud.grants, requests, project, failure };
  });
}

function dheeraOf(url: string, params: Readonly<Record<string, unknown>>, environment: Environment): Dheera {
  const model = "vertex_ai/semantic-ranker-default-004";
  return createDheera({
    providers: [vertexAi({ environment })],
    model_list: [{ model_name: "m", dheera_ai_params: { model, max_retries: 0, ...params } }],
    router_settings: { num_retries: 0 },
    transport: toStandIn(url),
  });
}

async function write(name: string, content: object): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}
