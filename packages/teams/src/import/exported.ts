/** A row as an export has it: texts as PostgreSQL writes them, or values of JSON. Null where there is none. */
export type ExportedRow = Readonly<Record<string, unknown>>;

/** What the files of an export hold. */
export interface LitellmExport {
  readonly tables: Readonly<Record<ImportedTable, readonly ExportedRow[]>>;
  /** Rows of the other tables of LiteLLM, counted. */
  readonly others: ReadonlyMap<string, number>;
}

/** In the order in which their rows can be made. */
export const importedTables = [
  "LiteLLM_BudgetTable",
  "LiteLLM_OrganizationTable",
  "LiteLLM_UserTable",
  "LiteLLM_TeamTable",
  "LiteLLM_TeamMembership",
  "LiteLLM_VerificationToken",
  "LiteLLM_DeprecatedVerificationToken",
] as const;
export type ImportedTable = (typeof importedTables)[number];

export function isImportedTable(name: string): name is ImportedTable {
  return importedTables.some((table) => table === name);
}
