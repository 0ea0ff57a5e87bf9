import type { DeploymentStatus } from "@dheera-ai/core";

import type { TakeSnapshot } from "../../telemetry.ts";
import { deploymentLabels } from "../call-metrics.ts";
import type { Instruments } from "../instruments.ts";

/** Shows the state of each configured deployment at the time of the scrape. */
export function addDeploymentGauges(instruments: Instruments, takeSnapshot: TakeSnapshot): void {
  const labels = deploymentLabels;
  // The registry collects metrics in order, so one snapshot at the first one serves them all.
  const state = instruments.gauge("deployment_state", labels, {
    aggregator: "max",
    collect: show,
  });
  const inFlight = instruments.gauge("deployment_documents_in_flight", labels);
  const queued = instruments.gauge("deployment_documents_queued", labels);
  const inBackground = instruments.gauge("deployment_background_documents_queued", labels);
  const allowed = instruments.gauge("deployment_documents_allowed", labels);

  function show(): void {
    for (const gauge of [state, inFlight, queued, inBackground, allowed]) gauge.reset();
    for (const status of takeSnapshot()?.dheera.deployments() ?? []) {
      const of = { model_id: status.id, model_group: status.modelName, api_provider: status.provider };
      state.set(of, stateNumber(status));
      inFlight.set(of, status.documentsInFlight);
      queued.set(of, status.documentsQueued);
      if (status.background) inBackground.set(of, status.background.documentsQueued);
      if (status.documentsAllowed !== undefined) allowed.set(of, status.documentsAllowed);
    }
  }
}

/** LiteLLM's numbers: healthy, partial outage, complete outage. */
function stateNumber({ state, lastError }: DeploymentStatus): number {
  if (state === "cooling") return 2;
  return state === "starting" || lastError !== undefined ? 1 : 0;
}
