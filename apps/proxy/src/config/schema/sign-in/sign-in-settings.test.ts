import { describe, expect, it } from "vitest";

import { parseConfig } from "../../parse-config.ts";

describe("the settings of signing in", () => {
  it("are read under LiteLLM's name too, with what is absent filled in", () => {
    const { config, warnings } = parse(`
      proxy_base_url: https://rerank.example.com
      database_url: "sqlite::memory:"
      ui_session_duration: 8h
      sso: { issuer: "https://login.example.com", client_id: dheera }
      enable_jwt_auth: "true"
      litellm_jwtauth: { issuer: "https://login.example.com", audience: rerank, user_id_jwt_field: sub, public_key_ttl: 60s }
    `);
    expect(warnings).toEqual([]);
    expect(config.general_settings).toMatchObject({
      ui_session_duration: 28_800,
      enable_jwt_auth: true,
      sso: {
        scope: "openid email profile",
        group_claim: "groups",
        require_verified_email: true,
        default_role: "internal_user_viewer",
      },
      jwt_auth: { audience: ["rerank"], user_id_jwt_field: "sub", public_key_ttl: 60 },
    });
  });

  it("are named where they lack something", () => {
    const { warnings } = parse(`
      enable_jwt_auth: true
      sso: { issuer: "https://login.example.com", client_id: dheera }
    `);
    for (const said of [
      "sso has no effect without general_settings.database_url",
      "sso has no effect without general_settings.proxy_base_url",
      "enable_jwt_auth has no effect without general_settings.database_url",
      "enable_jwt_auth has no effect without general_settings.jwt_auth",
    ])
      expect(warnings.join("\n").replaceAll('"', "")).toContain(said);
  });

  it.each([
    ["proxy_base_url: https://rerank.example.com/path", "without a path"],
    ["proxy_base_url: ftp://rerank.example.com", "without a path"],
    ["ui_session_duration: forever", "8h"],
    ["sso: { issuer: login.example.com, client_id: dheera }", "issuer"],
    ["sso: { issuer: https://login.example.com }", "client_id"],
    ["sso: { issuer: https://a.example, client_id: d, default_role: emperor }", "proxy_admin"],
    ["jwt_auth: { issuer: i, audience: a, team_id_default: t, algorithms: [HS256] }", "RS256"],
    ["jwt_auth: { issuer: i, audience: a, team_id_default: t, algorithms: [none] }", "RS256"],
    ["jwt_auth: { issuer: i, audience: [], team_id_default: t }", "audience"],
    ["jwt_auth: { issuer: i, team_id_default: t }", "audience"],
    ["jwt_auth: { issuer: i, audience: a }", "team_id_jwt_field"],
  ])("are refused where they are wrong: %s", (setting, said) => {
    expect(() => parse(setting)).toThrow(said);
  });
});

function parse(settings: string) {
  const lines = settings
    .trim()
    .split("\n")
    .map((line) => `  ${line.trim()}`);
  const yaml = `model_list: [{ model_name: words, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings:\n${lines.join("\n")}\n`;
  return parseConfig(yaml, { file: "config.yaml", environment: {} });
}
