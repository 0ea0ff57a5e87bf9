import type { RouterSettings } from "@dheera-ai/core";

import type { Config } from "../config/config.ts";

/** `router_settings`, completed by what LiteLLM also lets one write in `dheera_ai_settings`. */
export function completeRouterSettings({
  router_settings: router,
  dheera_ai_settings: settings,
}: Config): RouterSettings {
  const {
    num_retries,
    request_timeout: timeout,
    fallbacks,
    default_fallbacks,
    allowed_fails,
    cooldown_time,
  } = settings;
  const inherited = { num_retries, timeout, fallbacks, default_fallbacks, allowed_fails, cooldown_time };
  return { ...Object.fromEntries(Object.entries(inherited).filter(([, value]) => value !== undefined)), ...router };
}
