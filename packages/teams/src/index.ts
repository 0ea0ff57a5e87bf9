export type {
  Actor,
  AuditFilter,
  Found,
  Given,
  Grants,
  KeyFilter,
  KeyStore,
  MemberStore,
  NewKey,
  ObjectKind,
  Page,
  Store,
  Stores,
} from "./objects/stores.ts";
export type { Answered, Payer, Reservation, Spending } from "./spending/spending.ts";
export type { Budget, Grant, Limits, Owner, OwnerKind } from "./owners.ts";
export { type Log, type Teams, teamsDefaults, type TeamsSettings } from "./teams.ts";
export * from "./database/tables.ts";
export { type Database, openDatabase } from "./database/open-database.ts";
export { type Migrated, migrate } from "./migrations/migrate.ts";
export { type DatabaseStatus, readStatus } from "./migrations/status.ts";
export { forgetAudit } from "./objects/forget-audit.ts";
export { type Nanodollars, toDollars, toNanodollars } from "./money.ts";
export { ownerKinds } from "./owners.ts";
export { mapTexts } from "./secrets/map-texts.ts";
export { placeInModel, placeOfWebhook } from "./secrets/places.ts";
export { type Reencrypted, reencryptSecrets } from "./secrets/reencrypt.ts";
export { type Secrets, isEncrypted, openSecrets, saltKeyVariable } from "./secrets/secrets.ts";
export { type EventType, eventTypes } from "./events/event.ts";
export { type Format, formats } from "./events/bodies.ts";
export { isWebhookSecret, newWebhookSecret } from "./events/signature.ts";
export { type ConfiguredWebhook, configuredPrefix } from "./events/targets.ts";
export type { Outgoing, Send } from "./events/deliver.ts";
export { listDeliveries } from "./events/list-deliveries.ts";
export type { DeploymentHealth } from "./events/deployments-down.ts";
export { type Events, type EventsOptions, openEvents } from "./events/open-events.ts";
export { parseDuration, windowOf, type Window } from "./spending/budgets/window.ts";
export { openSpending, type SpendingOptions } from "./spending/open-spending.ts";
export {
  type Dimension,
  dimensions,
  type LogFilter,
  type Reports,
  type SpendFilter,
  type SumOf,
  type Sums,
} from "./spending/reports/reports.ts";
export { dayAt, daysOfZone, type ZonedDay } from "./spending/reports/days-of-zone.ts";
export { type OpenTeamsOptions, openTeams } from "./open-teams.ts";
export { memberId, organizationMemberId } from "./objects/member-id.ts";
export { hashOfKey } from "./objects/key-text.ts";
