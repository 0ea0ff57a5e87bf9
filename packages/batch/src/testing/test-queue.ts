import { describe } from "vitest";

import type { CreatePlace } from "./queue-place.ts";
import { testBatches } from "./queue-suite/batches.ts";
import { testClaims } from "./queue-suite/claims.ts";
import { testFiles } from "./queue-suite/files.ts";
import { testLosses } from "./queue-suite/losses.ts";
import { testShards } from "./queue-suite/shards.ts";
import { testUploads } from "./queue-suite/uploads.ts";

/** What every queue promises. */
export function testQueue(create: CreatePlace): void {
  describe("uploads", () => testUploads(create));
  describe("files", () => testFiles(create));
  describe("batches", () => testBatches(create));
  describe("shards", () => testShards(create));
  describe("claims", () => testClaims(create));
  describe("workers that die or freeze", () => testLosses(create));
}
