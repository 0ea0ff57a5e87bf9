import * as v from "valibot";

import type { Config } from "../config.ts";
import { batchSettings } from "./batch-settings.ts";
import { type Credential, credential } from "./credential.ts";
import { dheeraAiSettings } from "./dheera-ai-settings.ts";
import type { DefaultParams } from "./deployment-params.ts";
import { generalSettings } from "./general-settings.ts";
import type { GlobalParams } from "./global-params.ts";
import { type Kind, list, named, sharedSection, text, variable } from "./kinds.ts";
import { modelEntry } from "./model-entry.ts";
import { routerSettings } from "./router-settings.ts";
import { rows } from "./rows.ts";

/** The configuration as a file has it; `loadConfig` follows `include`. */
export type WrittenConfig = Omit<Config, "locked" | "router_settings" | "dheera_ai_settings"> & {
  readonly dheera_ai_settings: Config["dheera_ai_settings"] & GlobalParams;
  readonly router_settings: Config["router_settings"] & DefaultParams;
  readonly credential_list: readonly Credential[];
  readonly include?: readonly string[];
};

/**
 * The whole configuration file. Every key carries its description; the table of settings in the documentation is made
 * from it.
 */
export const configSchema: Kind<WrittenConfig> = sharedSection(
  {
    model_list: v.optional(list(modelEntry, "The deployments that are served."), []),
    plugins: v.optional(
      list(text("A package name, or a path relative to the configuration file."), "Modules of further providers."),
      [],
    ),
    providers: v.optional(rows, {}),
    credential_list: v.optional(list(credential, "Addresses and keys that deployments share by name."), []),
    router_settings: v.optional(routerSettings, {}),
    dheera_ai_settings: v.optional(dheeraAiSettings, {}),
    general_settings: v.optional(generalSettings, {}),
    batch_settings: v.optional(batchSettings, {}),
    environment_variables: v.optional(
      named(variable, "Environment variables set here; they win over those of the process."),
      {},
    ),
    include: v.optional(
      list(
        text("A path relative to this file."),
        "Further configuration files: lists are joined, and what this file says wins.",
      ),
    ),
  },
  "The configuration of the proxy.",
  [
    "callback_settings",
    "guardrails",
    "mcp_servers",
    "mcp_tools",
    "files_settings",
    "finetune_settings",
    "assistant_settings",
    "vector_store_registry",
    "prompts",
    "search_tools",
    "agent_list",
    "default_vertex_config",
    "litellm_license",
    "policies",
    "policy_attachments",
  ],
);
