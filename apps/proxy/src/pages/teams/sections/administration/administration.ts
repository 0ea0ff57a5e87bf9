import type { Address } from "../../state/address.ts";
import type { Drawn, Scene } from "../scene.ts";
import { auditSection } from "./audit.ts";
import { budgetsSection } from "./budgets.ts";
import { modelsSection } from "./models.ts";
import { organizationSection } from "./organization.ts";
import { organizationsSection } from "./organizations.ts";
import { webhooksSection } from "./webhooks.ts";

/** Sections that administrators look at now and then: a file of their own, which is loaded at the first of them. */
export const administration = {
  organizations: (scene, id) => (id === undefined ? organizationsSection(scene) : organizationSection(scene, id)),
  budgets: budgetsSection,
  models: modelsSection,
  webhooks: webhooksSection,
  audit: auditSection,
} as const satisfies Partial<Record<Address["section"], (scene: Scene, id?: string) => Promise<Drawn>>>;
