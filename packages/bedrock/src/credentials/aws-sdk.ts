import * as sdk from "@aws-sdk/credential-providers";
import type { Environment } from "@dheera-ai/core/provider-utils";

import type { CredentialSource, Sts } from "./source.ts";
import { readWebIdentityToken } from "./web-identity-token.ts";

/** Keys that sign, until they end. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Absent where they hold until somebody changes them. */
  readonly expiration?: Date | undefined;
}

/** What the SDK calls a provider: asks its source anew. */
type Ask = () => Promise<AwsKeys>;

/** Asks a source for its keys, by Amazon's own libraries. Their errors are let through. */
export async function askSource(source: CredentialSource, environment: Environment): Promise<AwsKeys> {
  if (source.from === "keys") return keysOf(source);
  return (await makeAsk(source, environment))();
}

async function makeAsk(source: CredentialSource, environment: Environment): Promise<Ask> {
  switch (source.from) {
    case "keys":
      return async () => keysOf(source);
    case "profile":
      return sdk.fromIni({ ...profileInit(environment, source.sts), profile: source.profile });
    case "web identity":
      return sdk.fromWebToken({
        roleArn: source.role,
        roleSessionName: source.session,
        webIdentityToken: await readWebIdentityToken(source.token, environment),
        clientConfig: stsConfig(source.sts),
      });
    case "role":
      return sdk.fromTemporaryCredentials({
        params: { RoleArn: source.role, RoleSessionName: source.session, ExternalId: source.externalId },
        masterCredentials: await makeAsk(source.base, environment),
        clientConfig: stsConfig(source.sts),
      });
    case "machine":
      return askMachine(source.sts, environment);
  }
}

/** As the SDK's own chain, but by the environment that this provider was given. */
function askMachine(sts: Sts, environment: Environment): Ask {
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_SESSION_NAME: session } = environment;
  const {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: full,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    AWS_EC2_METADATA_DISABLED: withoutInstance,
  } = environment;
  const links: Ask[] = [
    sdk.fromIni({ ...profileInit(environment, sts), profile: environment["AWS_PROFILE"] || "default" }),
  ];
  if (role && tokenFile)
    links.push(
      sdk.fromTokenFile({
        roleArn: role,
        webIdentityTokenFile: tokenFile,
        ...(session && { roleSessionName: session }),
        clientConfig: stsConfig(sts),
      }),
    );
  if (relative || full)
    links.push(() =>
      sdk.fromHttp({
        ...(relative && { awsContainerCredentialsRelativeUri: relative }),
        ...(!relative && full && { awsContainerCredentialsFullUri: full }),
        ...(token && !file && { awsContainerAuthorizationToken: token }),
        ...(file && { awsContainerAuthorizationTokenFile: file }),
      })(),
    );
  else if (withoutInstance?.toLowerCase() !== "true") links.push(sdk.fromInstanceMetadata());
  return sdk.createCredentialChain(...links);
}

/** Files are read again each time, because the tools that rotate keys write them. */
function profileInit(environment: Environment, sts: Sts) {
  const { AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config } = environment;
  return {
    ...(credentials && { filepath: credentials }),
    ...(config && { configFilepath: config }),
    ignoreCache: true,
    clientConfig: stsConfig(sts),
  };
}

function stsConfig({ region, endpoint }: Sts) {
  // An exchange happens once an hour: no connection stays open between two.
  const requestHandler = { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } };
  return { ...(region && { region }), ...(endpoint && { endpoint }), requestHandler };
}

function keysOf({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys): AwsKeys {
  return { accessKeyId, secretAccessKey, sessionToken };
}
