import { DheeraError } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

/**
 * The token that LiteLLM's `aws_web_identity_token` means: itself, or where it stands. Read at each exchange, because
 * such tokens are replaced by the hour.
 * @throws DheeraError `provider_auth` where nothing stands there, `invalid_request` for a place that is not known
 */
export async function readWebIdentityToken(reference: string, environment: Environment): Promise<string> {
  if (!reference.startsWith("oidc/")) return reference;
  const [, place = "", name = ""] = /^oidc\/([^/]+)\/?(.*)$/s.exec(reference) ?? [];
  switch (place) {
    case "file":
      return readFile(name);
    case "env":
      return readVariable(name, environment);
    case "env_path":
      return readFile(readVariable(name, environment));
    case "circleci":
      return readVariable("CIRCLE_OIDC_TOKEN", environment);
    case "circleci_v2":
      return readVariable("CIRCLE_OIDC_TOKEN_V2", environment);
    default:
      throw new DheeraError(
        "invalid_request",
        "aws_web_identity_token must be a token, or one of oidc/file/<path>, oidc/env/<variable>, oidc/env_path/<variable>, oidc/circleci, oidc/circleci_v2",
        { param: "aws_web_identity_token", provider: "bedrock" },
      );
  }
}

async function readFile(path: string): Promise<string> {
  const { readFile: read } = await import("node:fs/promises");
  try {
    return (await read(path, "utf8")).trim();
  } catch (error) {
    throw missing("the file that aws_web_identity_token names cannot be read", error);
  }
}

function readVariable(name: string, environment: Environment): string {
  const value = environment[name]?.trim();
  if (!value) throw missing("the variable that aws_web_identity_token names is not set");
  return value;
}

function missing(message: string, cause?: unknown): DheeraError {
  return new DheeraError("provider_auth", message, { provider: "bedrock", param: "aws_web_identity_token", cause });
}
