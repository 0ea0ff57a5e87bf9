/** What files may be, and how long they stay. */
export interface BatchSettings {
  /** Of one file, packed and unpacked. Default 5 GiB. */
  readonly maxFileBytes?: number | undefined;
  /** Of one file. Default 5,000,000. */
  readonly maxLines?: number | undefined;
  /** Of one line, without its end. Default 4 MiB. */
  readonly maxLineBytes?: number | undefined;
  /** Of all files of one owner, unpacked. Default: no limit. */
  readonly maxBytesPerOwner?: number | undefined;
  /** Milliseconds after which a file is deleted. Default 30 days. */
  readonly filesExpireAfter?: number | undefined;
  /** Uploads at one time, in all processes: of everybody, default 32, and of one owner, default 8. */
  readonly maxOpenUploads?: number | undefined;
  readonly maxOpenUploadsPerOwner?: number | undefined;
  /** Batches of one owner that have not ended. Default 100. */
  readonly maxOpenBatchesPerOwner?: number | undefined;
  /** Milliseconds after its end after which a batch is forgotten. Default 90 days. */
  readonly batchesExpireAfter?: number | undefined;
}

/** With what is not said. */
export type AllSettings = { readonly [Name in keyof BatchSettings]-?: NonNullable<BatchSettings[Name]> };

export function completeSettings(settings: BatchSettings): AllSettings {
  return {
    maxFileBytes: settings.maxFileBytes ?? 5 * 1_024 ** 3,
    maxLines: settings.maxLines ?? 5_000_000,
    maxLineBytes: settings.maxLineBytes ?? 4 * 1_024 ** 2,
    maxBytesPerOwner: settings.maxBytesPerOwner ?? Infinity,
    filesExpireAfter: settings.filesExpireAfter ?? 30 * 86_400_000,
    maxOpenUploads: settings.maxOpenUploads ?? 32,
    maxOpenUploadsPerOwner: settings.maxOpenUploadsPerOwner ?? 8,
    maxOpenBatchesPerOwner: settings.maxOpenBatchesPerOwner ?? 100,
    batchesExpireAfter: settings.batchesExpireAfter ?? 90 * 86_400_000,
  };
}
