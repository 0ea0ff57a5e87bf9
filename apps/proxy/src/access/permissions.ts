import { DheeraError } from "@dheera-ai/core";

import type { Caller } from "./access.ts";

/** @throws DheeraError `forbidden` for a model that the caller's key does not name */
export function checkModel({ key }: Caller, model: unknown): void {
  if (key?.models === undefined || (typeof model === "string" && key.models.includes(model))) return;
  throw new DheeraError(
    "forbidden",
    `the key ${key.name} may not use this model; it may use ${key.models.join(", ") || "none"}`,
    {
      param: "model",
    },
  );
}

/** The model names out of these that the caller may see. */
export function allowedModels({ key }: Caller, names: readonly string[]): readonly string[] {
  const { models } = key ?? {};
  return models === undefined ? names : names.filter((name) => models.includes(name));
}

/** @throws DheeraError `invalid_request` for more documents than the caller's key allows */
export function checkDocumentCount({ key }: Caller, documents: number): void {
  const most = key?.max_documents;
  if (most !== undefined && documents > most)
    throw new DheeraError(
      "invalid_request",
      `documents: ${documents} documents are more than the ${most} that the key ${key?.name} may send at once; send them in several requests`,
      {
        param: "documents",
      },
    );
}
