import { DheeraError } from "@dheera-ai/core";

/** The page before this one ended with something that is not there: it was removed meanwhile, or belongs to somebody else. */
export function unknownAfter(): DheeraError {
  return new DheeraError("invalid_request", "after: nothing has this id; begin with the first page again", {
    param: "after",
  });
}
