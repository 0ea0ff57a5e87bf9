import * as v from "valibot";

import type { BatchSettings } from "../config.ts";
import { type Kind, choice, flag, section, text, whole } from "./kinds.ts";
import { duration } from "./sign-in/session-settings.ts";

const storage: Kind<string> = v.pipe(
  text("A folder, or `s3://bucket/prefix`."),
  v.check(
    (where) => !/^[a-z][\w+.-]*:\/\//i.test(where) || /^s3:\/\/[^/\s]+(\/\S*)?$/.test(where),
    "must be a folder, or s3://bucket/prefix",
  ),
  v.description(
    "Where files are kept: a folder, relative to the working directory, or `s3://bucket/prefix`. There are no batches without it.",
  ),
);

const origin: Kind<string> = v.pipe(
  text("Address of the server for `s3://`."),
  v.check((url) => /^https?:\/\//i.test(url) && URL.canParse(url), "must be a URL such as http://minio:9000"),
  v.description("Address of the server for `s3://`: `http://minio:9000`; Amazon's when absent."),
);

/** `batch_settings`. */
export const batchSettings: Kind<BatchSettings> = section(
  {
    storage: v.optional(storage),
    s3_endpoint_url: v.optional(origin),
    s3_region_name: v.optional(text("Region of the bucket; what Amazon's own settings say when absent.")),
    s3_access_key_id: v.optional(text("Key for the bucket; what Amazon's own settings say when absent.")),
    s3_secret_access_key: v.optional(text("Its secret.")),
    queue: v.optional(
      choice(
        ["sqlite", "redis"],
        "Where is kept what is to be done: `sqlite`, a file in the folder, for processes of one machine, or `redis`, for any number of machines. Default `redis` where `router_settings` names one, else `sqlite`.",
      ),
    ),
    run_in_proxy: v.optional(
      flag("The proxy's processes run batches. With `false` only `dheera_ai worker` does."),
      true,
    ),
    concurrency: v.optional(whole("Lines that a process ranks at one time.", { most: 1_000 }), 32),
    max_file_bytes: v.optional(whole("Bytes of one file, as it is sent and unpacked."), 5 * 1_024 ** 3),
    max_lines: v.optional(whole("Lines of one file."), 5_000_000),
    max_line_bytes: v.optional(whole("Bytes of one line."), 4 * 1_024 ** 2),
    max_bytes_per_key: v.optional(whole("Bytes of all files of one key, unpacked; no limit when absent.")),
    files_expire_after: v.optional(
      duration("The time after which files are deleted whose upload names none: `12h`, `30d`."),
      "30d",
    ),
    max_open_uploads: v.optional(
      whole("Uploads at one time, in all processes. One takes some 15 MB of memory at most.", { most: 10_000 }),
      32,
    ),
    max_open_uploads_per_key: v.optional(
      whole("Uploads of one key at one time, in all processes.", { most: 10_000 }),
      8,
    ),
    upload_stall_timeout: v.optional(
      duration(
        "The time in which an upload must bring 64 KiB, or the rest of it: `30s`, `2m`. One that is slower is ended.",
      ),
      "2m",
    ),
    max_open_batches_per_key: v.optional(whole("Batches of one key that have not ended.", { most: 100_000 }), 100),
    batches_expire_after: v.optional(
      duration(
        "The time after their end after which batches are forgotten: `12h`, `90d`. Their files have times of their own.",
      ),
      "90d",
    ),
  },
  "Files and batches: millions of rankings without waiting.",
);
