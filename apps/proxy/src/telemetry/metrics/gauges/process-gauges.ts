import type { TakeSnapshot } from "../../telemetry.ts";
import { deploymentLabels } from "../call-metrics.ts";
import type { Instruments } from "../instruments.ts";

/** Shows the child processes of models at the time of the scrape; nothing of deployments that have none. */
export function addProcessGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  // The registry collects metrics in order, so one snapshot at the first one serves them all.
  const processes = instruments.gauge("deployment_processes", [...deploymentLabels, "state"], { collect: show });
  const memory = instruments.gauge("deployment_process_memory_bytes", deploymentLabels);
  const ended = instruments.counter("deployment_processes_ended", [...deploymentLabels, "how"]);

  function show(): void {
    for (const gauge of [processes, memory]) gauge.reset();
    for (const { id, modelName, provider, processes: those } of takeSnapshot()?.dheera.deployments() ?? []) {
      if (!those) continue;
      const of = { model_id: id, model_group: modelName, api_provider: provider };
      for (const state of ["serving", "starting"] as const) processes.set({ ...of, state }, those[state]);
      memory.set(of, those.memory);
      for (const [how, count] of Object.entries(those.ends)) ended.tally({ ...of, how }).value = count;
    }
  }
}
