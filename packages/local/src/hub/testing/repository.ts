import { createHash } from "node:crypto";

/** A repository of the stand-in. */
export interface StandInModel {
  /** Files by their path; a `Buffer` is kept as Git LFS keeps it, a text in git itself. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** 40 hexadecimal digits; made of the files when absent. */
  readonly commit?: string;
  /** Branches and tags; `main` when absent. */
  readonly refs?: readonly string[];
  readonly gated?: "auto" | "manual" | false;
  readonly isPrivate?: boolean;
  /** What the model's card says. */
  readonly card?: Readonly<Record<string, unknown>>;
  readonly architectures?: readonly string[];
}

export interface Repository {
  readonly commit: string;
  readonly refs: readonly string[];
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly model: StandInModel;
}

export interface StoredFile {
  readonly content: Buffer;
  /** SHA-1 of the file as git has it; of an LFS file that is its pointer. */
  readonly gitOid: string;
  /** SHA-256 of the content of an LFS file. */
  readonly lfsOid: string | undefined;
}

export function repositoryOf(model: StandInModel): Repository {
  const files = new Map(Object.entries(model.files).map(([path, content]) => [path, storedFile(content)]));
  const made = createHash("sha1").update(JSON.stringify([...files].map(([path, { gitOid }]) => [path, gitOid])));
  return { commit: model.commit ?? made.digest("hex"), refs: model.refs ?? ["main"], files, model };
}

function storedFile(content: string | Buffer): StoredFile {
  if (typeof content === "string") {
    const bytes = Buffer.from(content);
    return { content: bytes, gitOid: gitOidOf(bytes), lfsOid: undefined };
  }
  const lfsOid = createHash("sha256").update(content).digest("hex");
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${lfsOid}\nsize ${content.length}\n`;
  return { content, gitOid: gitOidOf(Buffer.from(pointer)), lfsOid };
}

function gitOidOf(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

/** The answer of `/api/models/<name>/revision/<revision>?blobs=true`. */
export function infoOf(name: string, { commit, files, model }: Repository): object {
  return {
    _id: "0123456789abcdef01234567",
    id: name,
    modelId: name,
    private: model.isPrivate ?? false,
    disabled: false,
    gated: model.gated ?? false,
    sha: commit,
    tags: typeof model.card?.["license"] === "string" ? [`license:${model.card["license"]}`] : [],
    ...(model.card && { cardData: model.card }),
    ...(model.architectures && { config: { architectures: model.architectures } }),
    siblings: [...files].map(([rfilename, { content, gitOid, lfsOid }]) => ({
      rfilename,
      size: content.length,
      blobId: gitOid,
      lfs: lfsOid === undefined ? undefined : { sha256: lfsOid, size: content.length, pointerSize: 135 },
    })),
  };
}

/** The answer of `/api/models/<name>/tree/<revision>?recursive=true`. */
export function treeOf({ files }: Repository): object {
  return [...files].map(([path, { content, gitOid, lfsOid }]) => ({
    type: "file",
    path,
    oid: gitOid,
    size: content.length,
    lfs: lfsOid === undefined ? undefined : { oid: lfsOid, size: content.length, pointerSize: 135 },
  }));
}
