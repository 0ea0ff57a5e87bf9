import type { Profile, Target } from "@dheera-ai/core";
import type { Environment } from "@dheera-ai/core/provider-utils";

import type { ModelName } from "./model-name.ts";
import type { Options } from "./parse-options.ts";

/** What both ways of asking know of a deployment. */
export interface Deployment {
  readonly target: Target;
  readonly options: Options;
  readonly model: ModelName;
  readonly environment: Environment;
  /** Undefined where only a profile can say it. */
  readonly region: string | undefined;
  readonly profile: Profile;
}
