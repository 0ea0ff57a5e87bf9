/** Roles of people, under LiteLLM's names, from the one that may do most. */
export const roles = ["proxy_admin", "proxy_admin_viewer", "internal_user", "internal_user_viewer"] as const;

/**
 * `proxy_admin` may do everything, `proxy_admin_viewer` may see everything, `internal_user` makes and sees keys of its own,
 * `internal_user_viewer` sees its own usage.
 */
export type Role = (typeof roles)[number];

/**
 * Who asks for management, and what the rules of authorization need to know of them. It is the same for a page's session, the
 * master key, a key of the database and a service's token.
 */
export interface Person {
  /** Their row in `dheera_users`; absent for the holder of the master key, of a key that belongs to no user, and of one for a team. */
  readonly userId?: string;
  /** What the audit log calls them: a user's id, `master`, or a key's name. */
  readonly name: string;
  readonly role: Role;
  /** Their teams, with `admin` where they manage its keys and members. */
  readonly teams: readonly Membership[];
  /** Ids of the organizations that they manage, whose teams are among `teams`; absent where there are none. */
  readonly organizations?: readonly string[];
  /** `key_id` of the key with which they came, where it is one of the database: it may always be asked about itself. */
  readonly keyHash?: string;
}

export interface Membership {
  readonly teamId: string;
  readonly role: "admin" | "user";
}

/** Holds the master key, by which everything may be done. */
export const masterPerson: Person = { name: "master", role: "proxy_admin", teams: [] };

export function managesAll({ role }: Person): boolean {
  return role === "proxy_admin";
}

/** Whether everything is shown to them. */
export function seesAll(person: Person): boolean {
  return managesAll(person) || person.role === "proxy_admin_viewer";
}

/** The role of a row; one that no release knows lets its holder do least. */
export function roleOf(text: string): Role {
  return roles.find((role) => role === text) ?? "internal_user_viewer";
}
