import * as v from "valibot";

import type { JwtSettings } from "../../config.ts";
import { type Kind, choice, flag, list, sharedSection, text } from "../kinds.ts";
import { duration } from "./session-settings.ts";

/**
 * Signatures that only the issuer can make. None with a shared secret (HS256), because whoever checks such a token could make one, and a
 * public key would count as the secret.
 */
export const jwtAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

const address = (what: string): Kind<string> =>
  v.pipe(
    text(what),
    v.check((value) => /^https?:\/\//.test(value) && URL.canParse(value), "must be an http or https address"),
    v.description(what),
  );

/** `general_settings.jwt_auth`. */
export const jwtSettings: Kind<JwtSettings> = v.pipe(
  sharedSection(
    {
      issuer: text("Who makes the tokens: their `iss`, letter by letter."),
      audience: v.pipe(
        v.union(
          [v.pipe(v.string(), v.nonEmpty()), v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.nonEmpty())],
          "must be a text or a list of texts",
        ),
        v.transform((value) => (typeof value === "string" ? [value] : value)),
        v.description("Whom the tokens are for: a token's `aud` must name one of them."),
      ),
      jwks_url: v.optional(
        address(
          "Where the issuer's public keys are; read from `<issuer>/.well-known/openid-configuration` when absent.",
        ),
      ),
      algorithms: v.optional(
        list(choice(jwtAlgorithms, "An algorithm."), "Signatures that count; all with a public key when absent."),
      ),
      public_key_ttl: v.optional(duration("How long the issuer's keys are kept."), "10m"),
      team_id_jwt_field: v.optional(text("The claim that names the team; dots lead into objects.")),
      team_ids_jwt_field: v.optional(
        text("The claim that lists teams, where no team is named; the first of them that exists counts."),
      ),
      team_id_default: v.optional(text("The team of a token that names none.")),
      user_id_jwt_field: v.optional(text("The claim that names the user, such as `sub`; dots lead into objects.")),
      required_scopes: v.optional(list(text("A scope."), "Scopes that a token must have, in its `scope` or `scp`.")),
      admin_jwt_scope: v.optional(
        text("The scope whose tokens may do everything, as the master key. Nobody's when absent."),
      ),
    },
    "Tokens of services as keys, with `enable_jwt_auth`. Each belongs to a team or a user of the database.",
    [
      "admin_allowed_routes",
      "team_id_upsert",
      "upsert_sso_user_to_team",
      "team_allowed_routes",
      "org_id_jwt_field",
      "user_email_jwt_field",
      "user_allowed_email_domain",
      "user_roles_jwt_field",
      "user_allowed_roles",
      "user_id_upsert",
      "end_user_id_jwt_field",
      "public_allowed_routes",
      "enforce_rbac",
      "roles_jwt_field",
      "role_mappings",
      "object_id_jwt_field",
      "scope_mappings",
      "enforce_scope_based_access",
      "enforce_team_based_model_access",
      "custom_validate",
      "jwt_litellm_role_map",
      "sync_user_role_and_teams",
    ],
  ),
  v.check(
    (settings) =>
      [
        settings.team_id_jwt_field,
        settings.team_ids_jwt_field,
        settings.team_id_default,
        settings.user_id_jwt_field,
      ].some((name) => name !== undefined),
    "must say whose the tokens are: set team_id_jwt_field, team_ids_jwt_field, team_id_default or user_id_jwt_field",
  ),
);

export const enableJwtAuth: Kind<boolean> = flag(
  "Tokens (JWTs) that an issuer signed are keys; `jwt_auth` says which. It needs `database_url`.",
);
