import type { Store } from "./contract.ts";
import { openFolderStore } from "./store/folder-store.ts";

/**
 * @param where a folder
 * @throws DheeraError `unavailable` where it cannot be used
 */
export async function openStore(where: string): Promise<Store> {
  return openFolderStore(where);
}
