import type { Environment } from "@dheera-ai/core/provider-utils";
import { loadSharedConfigFiles } from "@smithy/core/config";

import type { Options } from "../parse-options.ts";

/** The region of the profile in the files of AWS's tools; undefined where there is none. */
export async function profileRegion(options: Options, environment: Environment): Promise<string | undefined> {
  const { AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config } = environment;
  const files = await loadSharedConfigFiles({
    ...(credentials && { filepath: credentials }),
    ...(config && { configFilepath: config }),
    ignoreCache: true,
  });
  const names = [options.aws_profile_name, environment["AWS_PROFILE_NAME"], environment["AWS_PROFILE"], "default"];
  const name = names.find(Boolean) ?? "default";
  const region = files.configFile[name]?.["region"] ?? files.credentialsFile[name]?.["region"];
  return region && /^[a-z0-9-]+$/.test(region) ? region : undefined;
}
