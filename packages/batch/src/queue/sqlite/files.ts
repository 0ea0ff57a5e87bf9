import { number, object, string } from "valibot";

import type { FilePage, FilePart, FileRecord } from "../../contract.ts";
import { collect } from "../collect.ts";
import type { FileQueue } from "../queue-parts.ts";
import { readFile } from "../records.ts";
import type { SqliteDatabase } from "./database.ts";
import { clausesOf } from "./page.ts";
import { timeOfDay } from "./uploads.ts";

/** Rows that are read at once. */
const chunk = 1_000;

const recordRow = object({ record: string() });
const partRow = object({ name: string(), bytes: number(), lines: number() });

export function sqliteFiles(db: SqliteDatabase): FileQueue {
  return {
    async saveFile(file: FileRecord, parts: AsyncIterable<FilePart> | Iterable<FilePart>): Promise<void> {
      const all = await collect(parts);
      await db.changeDurably(() => {
        db.run("delete from uploads where id = ?", file.id);
        db.run("delete from files where id = ?", file.id);
        db.run(
          "insert into files (id, owner, purpose, bytes, created_at, expires_at, record) values (?, ?, ?, ?, ?, ?, ?)",
          file.id,
          file.owner,
          file.purpose,
          file.bytes,
          file.createdAt,
          file.expiresAt ?? null,
          JSON.stringify(file),
        );
        for (const [position, { name, bytes, lines }] of all.entries())
          db.run(
            "insert into parts (file, position, name, bytes, lines) values (?, ?, ?, ?, ?)",
            file.id,
            position,
            name,
            bytes,
            lines,
          );
      });
    },

    async findFile(id: string): Promise<FileRecord | undefined> {
      const [row] = await db.read(() => db.rows(recordRow, "select record from files where id = ?", id));
      return row && readFile(row.record);
    },

    async *partsOf(fileId: string): AsyncIterable<FilePart> {
      for (let from = 0; ; from += chunk) {
        const rows = await db.read(() =>
          db.rows(
            partRow,
            "select name, bytes, lines from parts where file = ? and position >= ? and position < ? order by position",
            fileId,
            from,
            from + chunk,
          ),
        );
        yield* rows;
        if (rows.length < chunk) return;
      }
    },

    async listFiles(page: FilePage): Promise<readonly FileRecord[]> {
      return db.read(() => {
        const { text, values } = clausesOf(db, "files", page);
        const rows = db.rows(recordRow, `select record from files ${text}`, ...values);
        return rows.map(({ record }) => readFile(record));
      });
    },

    removeFile(id: string): Promise<string | undefined> {
      return db.changeDurably(() => {
        const [reader] = db.rows(
          object({ id: string() }),
          "select id from batches where is_open and json_extract(record, '$.inputFileId') = ? limit 1",
          id,
        );
        if (reader === undefined) db.run("delete from files where id = ?", id);
        return reader?.id;
      });
    },

    async bytesOf(owner: string): Promise<number> {
      const [row] = await db.read(() =>
        db.rows(object({ sum: number() }), "select total(bytes) as sum from files where owner = ?", owner),
      );
      return row?.sum ?? 0;
    },

    async stored(): Promise<{ readonly files: number; readonly bytes: number; readonly uploads: number }> {
      const [row] = await db.read(() =>
        db.rows(
          object({ files: number(), bytes: number(), uploads: number() }),
          `select count(*) as files, total(bytes) as bytes,
          (select count(*) from uploads where ends_at > ${timeOfDay}) as uploads from files`,
        ),
      );
      return row ?? { files: 0, bytes: 0, uploads: 0 };
    },

    async expiredFiles(now: number, limit: number, skip = 0): Promise<readonly FileRecord[]> {
      const rows = await db.read(() =>
        db.rows(
          recordRow,
          "select record from files where expires_at <= ? order by expires_at, id limit ? offset ?",
          now,
          limit,
          skip,
        ),
      );
      return rows.map(({ record }) => readFile(record));
    },
  };
}
