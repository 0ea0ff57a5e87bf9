import { DheeraError } from "@dheera-ai/core";

import type { GatewayBatches } from "../../batches/gateway-batches.ts";
import type { Gateway } from "../../gateway/gateway.ts";

/** @throws DheeraError `invalid_request` that says what to configure */
export function batchesOf({ batches }: Gateway): GatewayBatches {
  if (batches) return batches.value;
  throw new DheeraError(
    "invalid_request",
    "files and batches need a place where they are kept: set batch_settings.storage to a folder, such as ./batches, or to s3://bucket/prefix",
  );
}
