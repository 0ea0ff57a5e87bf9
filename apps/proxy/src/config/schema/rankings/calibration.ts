import { type Calibration, isDheeraError, readCalibration } from "@dheera-ai/core";
import * as v from "valibot";

import type { Kind } from "../kinds.ts";

/** How a model's scores become probabilities. `loadConfig` has put the content of a file in the place of its path. */
export function calibration(meaning: string): Kind<Calibration> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      try {
        const read = typeof value === "string" ? undefined : readCalibration(value);
        if (read) return read;
        addIssue({ message: notFollowed });
      } catch (error) {
        if (!isDheeraError(error)) throw error;
        // Its key is said already.
        addIssue({ message: error.message.replace(/^calibration[.:] ?/, "") });
      }
      return NEVER;
    }),
    v.description(meaning),
    v.metadata({ type: "object" }),
  );
}

const notFollowed =
  "must be an object with a method; the path of a file can be followed only when the configuration is read from a file";
