import { element } from "../../../browser/element.ts";
import { type AuditEntry, changesOf, listAudit } from "../../objects/audit.ts";
import { listView } from "../../parts/list-view.ts";
import { emptyNotice } from "../../../parts/notices.ts";
import { named, timeOf } from "../../../parts/words.ts";
import { counted } from "../../../parts/amounts.ts";
import type { Drawn, Scene } from "../scene.ts";

/** Who changed what. */
export async function auditSection(scene: Scene): Promise<Drawn> {
  return {
    title: "Changes",
    content: [
      await listView<AuditEntry>({
        scene,
        thing: "change",
        searchLabel: "Search by who, or by the id of what",
        filters: [
          { name: "kind", label: "Of", offers: Object.entries(kinds) },
          { name: "start_date", label: "From" },
          { name: "end_date", label: "To" },
        ],
        columns: [
          { head: "When", cell: ({ at }) => timeOf(at, at) },
          { head: "Who", cell: ({ actor }) => named(actor) },
          { head: "What", cell: ({ action, kind, objectId }) => whatOf(action, kind, objectId) },
          { head: "Fields", cell: (entry) => fieldsOf(entry) },
        ],
        load: (query) => listAudit(scene.client, query),
        empty: emptyNotice(
          "No change yet",
          "Each change of a key, team, user or model is written down here, with who made it.",
        ),
      }),
    ],
  };
}

const kinds = {
  "": "everything",
  key: "keys",
  team: "teams",
  member: "members",
  user: "users",
  organization: "organizations",
  budget: "budgets",
  model: "models",
  webhook: "webhooks",
  spend: "spend",
  session: "sign-ins",
} as const satisfies Record<string, string>;

function whatOf(action: string, kind: string, objectId: string): HTMLElement {
  const shown = kind === "key" ? `${objectId.slice(0, 12)}…` : objectId;
  const what = kind === "session" ? action.replaceAll("_", " ") : `${action} ${kind}`;
  return element("span", {}, what, named(objectId === "" ? "" : shown, "small"));
}

function fieldsOf(entry: AuditEntry): Node {
  const changes = changesOf(entry);
  if (changes.length === 0) return element("span", { class: "quiet" }, "none");
  return element(
    "details",
    {},
    element("summary", {}, counted(changes.length, "field")),
    element(
      "dl",
      { class: "changes" },
      ...changes.map(({ field, before, after }) =>
        element("div", {}, element("dt", {}, field), element("dd", {}, ...changed(before, after))),
      ),
    ),
  );
}

function changed(before: string, after: string): readonly Node[] {
  return [...(before === "" ? [] : [element("del", {}, before)]), ...(after === "" ? [] : [element("ins", {}, after)])];
}
