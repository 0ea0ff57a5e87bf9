import type { Provider } from "@dheera-ai/core";

/** A model that answers at once. */
const instant: Provider = {
  name: "instant",
  connect: () => ({
    profile: () => ({
      scoring: "pointwise",
      scoreKind: "probability",
      billing: "compute",
      fingerprint: "instant",
      limits: { documentsPerCall: 1_000 },
    }),
    score: async ({ documents }) => ({ scores: documents.map((_, index) => ({ index, score: 0.5 })) }),
  }),
};

export default instant;
