import type { TakeSnapshot } from "../../telemetry.ts";
import type { Instruments } from "../instruments.ts";

/** Shows at the time of the scrape whether the database of teams can be used, and what waits for it; nothing where there is none. */
export function addDatabaseGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  // The registry collects metrics in order, so one snapshot at the first one serves them all.
  const up = instruments.gauge("database_up", [], { aggregator: "min", collect: show });
  const unbooked = instruments.gauge("spend_unbooked_answers", []);
  const journal = instruments.gauge("spend_journal_bytes", []);
  const refused = instruments.counter("spend_refused_answers", []);
  const processes = instruments.gauge("report_processes", []);
  const waiting = instruments.gauge("reports_waiting", []);
  const failed = instruments.counter("reports_failed", ["reason"]);

  function show(): void {
    // A gauge without labels shows 0 after a reset; this removes it.
    for (const gauge of [up, unbooked, journal, processes, waiting]) gauge.remove({});
    const database = takeSnapshot()?.database;
    if (!database) return;
    up.set(database.isUp ? 1 : 0);
    unbooked.set(database.spending.unbooked);
    journal.set(database.spending.journalBytes);
    refused.tally({}).value = database.spending.refused;
    if (!database.reports) return;
    processes.set(database.reports.processes);
    waiting.set(database.reports.waiting);
    for (const reason of ["refused", "timeout", "ended"] as const)
      failed.tally({ reason }).value = database.reports.failed[reason];
  }
}
