import type { Grant } from "../owners.ts";
import type {
  AuditRow,
  BudgetRow,
  KeyRow,
  MemberRow,
  ModelRow,
  OrganizationMemberRow,
  OrganizationRow,
  TeamRow,
  UserRow,
  WebhookRow,
} from "../database/tables.ts";

export type ObjectKind =
  | "organization"
  | "organization_member"
  | "team"
  | "user"
  | "member"
  | "key"
  | "budget"
  | "model"
  | "webhook";

/** Who changes something, for the audit log: a key's name, a user's id, or `master`. */
export interface Actor {
  readonly name: string;
}

export interface Page {
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

export interface Found<Row> {
  readonly rows: readonly Row[];
  /** Of all pages. */
  readonly total: number;
}

/** What a caller gives of a row; what is absent stays, or gets its default. */
export type Given<Row> = { readonly [Column in keyof Row]?: Row[Column] | undefined };

/**
 * Rows of one kind. Each change is one transaction with its row in the audit log and in the changes that replicas follow.
 * A creation whose id is taken by an equal row gives that row, so that it may be repeated.
 * @throws DheeraError `invalid_request` naming the column: an id or alias that is taken, a row that does not exist and is named by another
 */
export interface Store<Row, Filter> {
  create(actor: Actor, values: Given<Row>): Promise<Row>;
  get(id: string): Promise<Row | undefined>;
  /** @throws DheeraError `invalid_request` where there is no such row, or its id would change */
  update(actor: Actor, id: string, changes: Given<Row>): Promise<Row>;
  /** @returns the ids that were there */
  remove(actor: Actor, ids: readonly string[]): Promise<readonly string[]>;
  list(filter: Filter, page: Page): Promise<Found<Row>>;
}

export interface NewKey {
  /** Shown once. */
  readonly key: string;
  readonly row: KeyRow;
}

/** What people type to find rows by. */
export interface Searched {
  /** A part of a name, an id or an address, in small letters or large ones. */
  readonly search?: string;
}

export interface KeyFilter extends Searched {
  readonly team_id?: string;
  readonly user_id?: string;
  readonly organization_id?: string;
  readonly key_alias?: string;
  readonly key_hash?: string;
}

export interface ReuseOptions {
  /** Whether it may be a key that was blocked when it was deleted, for those who could have unblocked it. */
  readonly mayBeBlocked?: boolean;
}

export interface KeyStore extends Omit<Store<KeyRow, KeyFilter>, "create"> {
  /** Ids of keys are their hashes; the hash of the first key is understood too where a key was rotated since. */
  get(hash: string): Promise<KeyRow | undefined>;
  /** @param key the caller's own, of at least 16 characters; a random one when absent */
  create(actor: Actor, values: Given<KeyRow>, key?: string, options?: ReuseOptions): Promise<NewKey>;
  /** A key of which only the hash is known, as another gateway's database has it. */
  adopt(actor: Actor, hash: string, values: Given<KeyRow>): Promise<KeyRow>;
  /** A new key in place of this one, which is let in for `graceSeconds` longer. */
  rotate(actor: Actor, hash: string, graceSeconds: number, key?: string, options?: ReuseOptions): Promise<NewKey>;
  block(actor: Actor, hash: string, blocked: boolean): Promise<KeyRow>;
}

export interface MemberStore {
  /** Adds a member, or changes one. The team and the user must be there. */
  set(actor: Actor, teamId: string, userId: string, values: Given<MemberRow>): Promise<MemberRow>;
  /** Removes them with the keys that they have for the team. @returns those who were members */
  remove(actor: Actor, teamId: string, userIds: readonly string[]): Promise<readonly string[]>;
  get(teamId: string, userId: string): Promise<MemberRow | undefined>;
  ofTeam(teamId: string): Promise<readonly MemberRow[]>;
  ofUser(userId: string): Promise<readonly MemberRow[]>;
}

export interface OrganizationMemberStore {
  /** Adds a member, or changes one. The organization and the user must be there. */
  set(
    actor: Actor,
    organizationId: string,
    userId: string,
    values: Given<OrganizationMemberRow>,
  ): Promise<OrganizationMemberRow>;
  /** Their teams and keys stay. @returns those who were members */
  remove(actor: Actor, organizationId: string, userIds: readonly string[]): Promise<readonly string[]>;
  get(organizationId: string, userId: string): Promise<OrganizationMemberRow | undefined>;
  ofUser(userId: string): Promise<readonly OrganizationMemberRow[]>;
}

export interface AuditFilter extends Searched {
  readonly id?: string;
  readonly kind?: string;
  readonly object_id?: string;
  readonly actor?: string;
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
}

export interface Stores {
  readonly organizations: Store<
    OrganizationRow,
    Searched & { readonly organization_alias?: string; readonly organization_id?: readonly string[] }
  >;
  readonly teams: Store<
    TeamRow,
    Searched & {
      readonly organization_id?: string;
      readonly team_alias?: string;
      readonly user_id?: string;
      /** Beside the teams of `user_id`, all of these organizations. */
      readonly or_organizations?: readonly string[];
    }
  >;
  readonly users: Store<
    UserRow,
    Searched & {
      readonly user_email?: string;
      readonly user_role?: string;
      readonly team_id?: string;
      readonly organization_id?: string;
    }
  >;
  readonly members: MemberStore;
  readonly organizationMembers: OrganizationMemberStore;
  readonly keys: KeyStore;
  readonly budgets: Store<BudgetRow, Searched>;
  readonly models: Store<ModelRow, { readonly model_name?: string }>;
  readonly webhooks: Store<WebhookRow, Record<never, never>>;
  readonly audit: { list(filter: AuditFilter, page: Page): Promise<Found<AuditRow>> };
}

/** What keys let their holders do, kept in memory: asked at each request. */
export interface Grants {
  /**
   * Known ones at once; others once the database was asked, undefined where there is no such key.
   * @throws DheeraError where the database cannot be asked and the key is not known
   */
  find(keyHash: string): Grant | undefined | Promise<Grant | undefined>;
  /** The same by the id of the key, for what it has asked to be done later: it stays when the key is rotated. */
  findById(keyId: string): Grant | undefined | Promise<Grant | undefined>;
  /** The owners of a key of the configuration file, which may name a team and a user: at once where they are known. */
  ownersOf(key: { readonly teamId?: string; readonly userId?: string }): Grant["owners"] | Promise<Grant["owners"]>;
}
