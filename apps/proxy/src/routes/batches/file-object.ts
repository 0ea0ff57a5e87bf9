import type { FileRecord } from "@dheera-ai/batch";

/** A file as OpenAI answers it. Times are seconds. */
export function fileObject({ id, bytes, createdAt, expiresAt, filename, purpose }: FileRecord): object {
  return {
    id,
    object: "file",
    bytes,
    created_at: seconds(createdAt),
    ...(expiresAt !== undefined && { expires_at: seconds(expiresAt) }),
    filename,
    purpose,
    status: "processed",
    status_details: null,
  };
}

/** @param milliseconds since the epoch */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
