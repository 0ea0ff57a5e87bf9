import type { Paths } from "../open-api.ts";
import { change, onePage } from "./examples.ts";
import { describeManaged, pageParameters, queryDay, queryText } from "./operation.ts";

/** Who changed what. */
export function describeAuditPaths(): Paths {
  return describeManaged({
    "/audit": {
      get: {
        id: "listAudit",
        summary: "Show who changed what",
        description: "The latest first.",
        parameters: [
          ...pageParameters("page_size"),
          queryText("kind", "`key`, `team`, `member`, `user`, `organization`, `budget`, `model`."),
          queryText("table_name", "The same."),
          queryText("object_id", "Changes of this object."),
          queryText("search", "Changes of objects, or by people, whose name holds this."),
          queryText("changed_by", "Changes by this user or key; `master` for the master key."),
          queryText("actor", "The same."),
          queryDay("start_date", "The first day."),
          queryDay("end_date", "The last day."),
        ],
        answers: "AuditLog",
        example: { audit_logs: [change], ...onePage },
      },
    },
    "/audit/{id}": {
      get: {
        id: "auditEntry",
        summary: "Show one change",
        parameters: [
          {
            name: "id",
            in: "path",
            required: true,
            description: "Its id, as `/audit` has it.",
            example: change.id,
            schema: { type: "string" },
          },
        ],
        answers: "AuditEntry",
        example: change,
      },
    },
  });
}
