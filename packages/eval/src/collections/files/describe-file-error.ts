/** Why a file cannot be read, with a remedy; undefined for an error that is not one of the system or of unpacking. */
export function describeFileError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  if (error.code.startsWith("Z_"))
    return "it cannot be unpacked: it is cut short or no gzip; fetch it again, or take .gz off its name";
  return reasons[error.code] ?? (/^E[A-Z]+$/.test(error.code) ? `the system refuses it (${error.code})` : undefined);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the path",
  ENOTDIR: "there is no such folder; check the path",
  EISDIR: "it is a folder; name a file in it",
  EACCES: "this user may not read it; change its permissions",
  EPERM: "this user may not read it; change its permissions",
};
