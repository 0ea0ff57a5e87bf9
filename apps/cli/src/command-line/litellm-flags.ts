/** Options of LiteLLM's command that nothing here corresponds to. */
const withoutEffect = {
  switches: [
    "add_function_to_prompt",
    "azure_postgresql_auth",
    "check_migrations_against_existing_data",
    "drop_params",
    "enforce_prisma_migration_check",
    "iam_token_db_auth",
    "local",
    "run_granian",
    "run_gunicorn",
    "run_hypercorn",
    "save",
    "skip_server_startup",
    "test_async",
    "use_legacy_migration_resolver",
    "use_prisma_db_push",
    "use_queue",
    "use_v2_migration_resolver",
  ],
  valued: [
    "add_key",
    "api_version",
    "ciphers",
    "granian_threads",
    "headers",
    "log_config",
    "max_budget",
    "max_request_header_size",
    "max_requests_before_restart",
    "max_requests_before_restart_jitter",
    "max_tokens",
    "num_requests",
    "telemetry",
    "temperature",
    "timeout_worker_healthcheck",
  ],
} as const;

/** The arguments without options of LiteLLM that have no effect, and these by name. */
export function withoutLitellmFlags(args: readonly string[]): {
  readonly kept: readonly string[];
  readonly ignored: readonly string[];
} {
  const switches: ReadonlySet<string> = new Set(withoutEffect.switches);
  const valued: ReadonlySet<string> = new Set(withoutEffect.valued);
  const kept: string[] = [];
  const ignored: string[] = [];
  const end = args.indexOf("--");
  for (let position = 0; position < args.length; position++) {
    const given = args[position] ?? "";
    const [name = "", value] = given.startsWith("--") ? given.slice(2).replaceAll("-", "_").split("=", 2) : [];
    const isIgnored = (end === -1 || position < end) && (switches.has(name) || valued.has(name));
    if (!isIgnored) kept.push(given);
    else {
      ignored.push(`--${name}`);
      if (valued.has(name) && value === undefined) position++;
    }
  }
  return { kept, ignored };
}
