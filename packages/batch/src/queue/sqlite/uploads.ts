import { number, object } from "valibot";

import type { OpenUpload, UploadLimits } from "../../contract.ts";
import type { UploadQueue } from "../queue-parts.ts";
import type { SqliteDatabase } from "./database.ts";

/** Milliseconds since the epoch, by the machine's clock, which all processes of the file share. */
export const timeOfDay = "cast((julianday('now') - 2440587.5) * 86400000 as integer)";

const heldRow = object({ uploads: number(), of_owner: number(), bytes: number(), is_held: number() });

/** Uploads that have not ended, each until its time has passed. */
export function sqliteUploads(db: SqliteDatabase): UploadQueue {
  return {
    holdUpload({ id, owner, bytes, lease }: OpenUpload, limits: UploadLimits): Promise<keyof UploadLimits | undefined> {
      return db.change(() => {
        db.run(`delete from uploads where ends_at <= ${timeOfDay}`);
        const [held] = db.rows(
          heldRow,
          `select count(*) as uploads, count(*) filter (where owner = ?1) as of_owner,
          total(bytes) filter (where owner = ?1 and id <> ?2) + (select total(bytes) from files where owner = ?1) as bytes,
          count(*) filter (where id = ?2) as is_held from uploads`,
          owner,
          id,
        );
        if (held === undefined) throw new Error("a sum has no row");
        if (held.is_held === 0) {
          if (held.uploads >= limits.uploads) return "uploads";
          if (held.of_owner >= limits.uploadsOfOwner) return "uploadsOfOwner";
        }
        if (held.bytes + bytes > limits.bytesOfOwner) {
          // In the same step: of several that are too much together, one has the room of another.
          db.run("delete from uploads where id = ?", id);
          return "bytesOfOwner";
        }
        db.run(
          `insert into uploads (id, owner, bytes, ends_at) values (?, ?, ?, ${timeOfDay} + ?)
          on conflict (id) do update set bytes = excluded.bytes, ends_at = excluded.ends_at`,
          id,
          owner,
          bytes,
          lease,
        );
        return undefined;
      });
    },

    async releaseUpload(id: string): Promise<void> {
      await db.change(() => db.run("delete from uploads where id = ?", id));
    },
  };
}
