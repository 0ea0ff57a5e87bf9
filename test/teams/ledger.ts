import pg from "pg";

/** What the database says at the end, read past everything that wrote it. */
export interface Ledger {
  readonly logs: readonly LogRow[];
  readonly days: readonly DayRow[];
  readonly spent: readonly SpentRow[];
  /** Answers that batches say they hold. */
  readonly answersOfBatches: number;
}

export interface LogRow {
  readonly call_id: string;
  readonly at: number;
  readonly key_hash: string;
  readonly team_id: string | null;
  readonly user_id: string | null;
  readonly organization_id: string | null;
  readonly model: string;
  readonly provider: string | null;
  readonly status: number;
  readonly cost: number | null;
}

export interface DayRow {
  readonly day: string;
  readonly key_hash: string;
  readonly team_id: string;
  readonly user_id: string;
  readonly organization_id: string;
  readonly model: string;
  readonly provider: string;
  readonly requests: number;
  readonly errors: number;
  readonly unknown_costs: number;
  readonly cost: number;
}

export interface SpentRow {
  readonly owner_kind: string;
  readonly owner_id: string;
  readonly window_start: number;
  readonly spent: number;
}

const int8 = 20;

export async function readLedger(url: string): Promise<Ledger> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(int8, Number);
  const client = new pg.Client({ connectionString: url, types });
  await client.connect();
  try {
    const { rows: logs } = await client.query<LogRow>("select * from dheera_spend_logs");
    const { rows: days } = await client.query<DayRow>("select * from dheera_spend_days");
    const { rows: spent } = await client.query<SpentRow>("select * from dheera_spent");
    const { rows: batches } = await client.query<{ answers: number }>(
      "select cast(coalesce(sum(answers), 0) as bigint) as answers from dheera_spend_batches",
    );
    return { logs, days, spent, answersOfBatches: batches[0]?.answers ?? 0 };
  } finally {
    await client.end();
  }
}
