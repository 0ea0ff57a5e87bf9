import type { Profile, Target } from "@dheera-ai/core";

import type { Parameters } from "./parameters.ts";
import type { PreparedModel } from "./prepare-model.ts";

/** Documents of one call, so that calls of one request go to several children. */
const documentsPerCall = 32;
/** Documents that a child has to work on while more are on their way; others wait in core, where tenants take turns. */
const documentsPerChild = 128;

/** What core must know of a model, as its files say it. */
export function profileOf(model: PreparedModel, { instances }: Parameters, { apiBase, apiKey }: Target): Profile {
  const { description, fingerprint, peers } = model;
  const ignored = [...(apiBase === undefined ? [] : ["api_base"]), ...(apiKey === undefined ? [] : ["api_key"])];
  const warnings = [
    ...description.warnings,
    ...(ignored.length === 0
      ? []
      : [
          `local ranks on this machine: ${ignored.join(" and ")} had no effect; to ask a server, name its provider in model`,
        ]),
  ];
  return {
    scoring: "pointwise",
    scoreKind: description.kind === "cross-encoder" ? "probability" : "cosine",
    billing: "compute",
    fingerprint,
    limits: {
      documentsPerCall,
      documentsInFlight: documentsPerChild * instances,
      tokensPerDocument: description.tokens,
    },
    price: { perToken: 0 },
    server: `${peers.runtime === "native" ? "onnxruntime-node" : "onnxruntime-web"} ${peers.version}`,
    ...(warnings.length > 0 && { warnings }),
  };
}
