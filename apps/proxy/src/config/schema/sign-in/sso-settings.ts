import * as v from "valibot";

import { roles } from "../../../sign-in/person.ts";
import type { SsoSettings } from "../../config.ts";
import { type Kind, choice, flag, list, section, text } from "../kinds.ts";

const role = choice(roles, `One of ${roles.map((name) => `\`${name}\``).join(", ")}.`);
const group = text("A group.");
const groups = v.optional(list(group, "Groups whose members have the role."));

const roleMappings: Kind<NonNullable<SsoSettings["role_mappings"]>> = section(
  {
    default_role: v.optional(role, "internal_user_viewer"),
    roles: section(
      {
        proxy_admin: groups,
        proxy_admin_viewer: groups,
        internal_user: groups,
        internal_user_viewer: groups,
      },
      "Groups by role. Who is in several gets the role that may do most.",
    ),
  },
  "Roles by groups, set at each sign-in. Without it an administrator gives roles.",
);

const issuer: Kind<string> = v.pipe(
  text("Where the OpenID provider is."),
  v.check(
    (value) => /^https?:\/\//.test(value) && URL.canParse(value),
    "must be the issuer's address, such as https://login.example.com",
  ),
  v.description("The OpenID provider's issuer, below which `/.well-known/openid-configuration` is."),
);

/** `general_settings.sso`. */
export const ssoSettings: Kind<SsoSettings> = section(
  {
    issuer,
    client_id: text("The proxy's name at the provider."),
    client_secret: v.optional(
      text("Its secret there, usually `os.environ/NAME`; absent for a public client, which PKCE protects."),
    ),
    scope: v.optional(text("What the provider is asked for."), "openid email profile"),
    allowed_email_domains: v.optional(
      list(text("A domain."), "Domains of email addresses that are let in: `[example.com]`."),
    ),
    require_verified_email: v.optional(
      flag("An email address counts only where the provider says that it is verified (`email_verified`)."),
      true,
    ),
    group_claim: v.optional(
      text("The claim that names a person's groups; dots lead into objects: `realm_access.roles`."),
      "groups",
    ),
    allowed_groups: v.optional(list(group, "Groups that are let in; all people when absent.")),
    role_mappings: v.optional(roleMappings),
    default_role: v.optional(role, "internal_user_viewer"),
    team_ids_jwt_field: v.optional(
      text(
        "The claim that lists the ids of a person's teams, such as `groups`; dots lead into objects. At each sign-in they become a member of those that exist.",
      ),
    ),
    sync_user_role_and_teams: v.optional(
      flag(
        "That claim alone says who is in a team: at each sign-in memberships end that it does not name, with the keys for that team. Without the claim nothing changes; an empty list ends all; one that cannot be read whole only adds.",
      ),
      false,
    ),
  },
  "Sign-in of people at an OpenID provider. It needs `database_url` and `proxy_base_url`; the provider must know the redirect address `<proxy_base_url>/sso/callback`.",
);
