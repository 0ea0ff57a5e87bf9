/** What a form of a new object or of a changed one holds, as fields of the management API. */
export type FieldValues = Readonly<Record<string, string | number | readonly string[] | null>>;

const numbers: ReadonlySet<string> = new Set([
  "max_budget",
  "soft_budget",
  "rpm_limit",
  "dpm_limit",
  "tpm_limit",
  "max_parallel_requests",
  "max_budget_in_team",
  "input_cost_per_query",
  "input_cost_per_token",
]);

/** Fields of which a form has several boxes. */
const lists: ReadonlySet<string> = new Set(["models", "events"]);

/**
 * Reads a form. What is left empty is left out of a new object; of one that there is, null takes it away.
 * @param has names of the form's fields, because unticked boxes send nothing
 */
export function formValues(form: FormData, has: readonly string[], isNew: boolean): FieldValues {
  const values: Record<string, string | number | readonly string[] | null> = {};
  for (const name of has) {
    const given = form
      .getAll(name)
      .flatMap((value) => (typeof value === "string" && value.trim() !== "" ? [value.trim()] : []));
    const [first] = given;
    if (lists.has(name)) {
      if (given.length > 0 || !isNew) values[name] = given;
    } else if (first !== undefined) values[name] = isNumber(name, first) ? Number(first) : first;
    else if (!isNew) values[name] = null;
  }
  return values;
}

/** A priority is a number, or a word. */
function isNumber(name: string, given: string): boolean {
  return numbers.has(name) || (name === "priority" && given !== "background");
}

/** Only what differs, so that a change of somebody else since the form was opened is not taken back. */
export function changedValues(values: FieldValues, before: FieldValues): FieldValues {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name] ?? null)),
  );
}
