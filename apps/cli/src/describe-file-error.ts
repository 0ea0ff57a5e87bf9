/** Why a file cannot be read or written, and undefined for an error that is not one of the operating system. */
export function describeFileError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return reasons[error.code] ?? `the system refuses it (${error.code})`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "there is no such folder",
  EISDIR: "it is a folder",
  EACCES: "this user may not open it",
  EPERM: "this user may not open it",
  EROFS: "the disk can only be read",
  ENOSPC: "the disk is full",
  EMFILE: "this process has too many files open",
  ENAMETOOLONG: "its name is too long",
};
