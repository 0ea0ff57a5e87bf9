import type { Store } from "./contract.ts";
import { forOperators } from "./out-of-service.ts";
import { openFolderStore } from "./store/folder-store.ts";
import { type S3Settings, openS3Store } from "./store/s3-store.ts";

/**
 * @param where a folder, or `s3://bucket/prefix`
 * @param settings of the bucket
 * @throws DheeraError `unavailable` where it cannot be used, or a package that it needs is not installed; `invalid_request` for a URL that
 * is none of a bucket
 */
export async function openStore(where: string, settings?: S3Settings): Promise<Store> {
  return forOperators(where.startsWith("s3:") ? openS3Store(where, settings) : openFolderStore(where));
}
