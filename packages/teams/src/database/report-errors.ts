import { DheeraError } from "@dheera-ai/core";

/** The same again would take as long. */
export function tookTooLong(use: "reports" | "upkeep", cause?: unknown): DheeraError {
  return new DheeraError("timeout", `the database needs too long ${remedies[use]}`, { cause, retryable: false });
}

const remedies = {
  reports: "for this report: ask for a shorter time, for fewer rows, or for those of one key, team or user",
  upkeep: "to delete rows: see whether something else locks its tables, and whether its server is busy",
};

export function tooManyReports(cause?: unknown): DheeraError {
  return new DheeraError("unavailable", "too many reports are made at once; try again in a while", {
    cause,
    retryAfter: 1,
  });
}
