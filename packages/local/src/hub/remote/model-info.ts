import * as v from "valibot";

import { isCommit } from "../../model/hub-cache.ts";
import type { ModelReference } from "../cache/names.ts";
import { type HubConnection, askHub, badAnswer } from "./ask-hub.ts";
import { trying } from "./retry.ts";

/** What the Hub says of one commit of a model. */
export interface ModelInfo {
  /** The commit that the revision is now: 40 hexadecimal digits. */
  readonly commit: string;
  readonly files: readonly HubFile[];
  readonly isGated: boolean;
  readonly licence: {
    /** As model cards write it: `apache-2.0`, `other`. */
    readonly id: string | undefined;
    readonly name: string | undefined;
    readonly link: string | undefined;
  };
  /** Classes of transformers: `BertForSequenceClassification`. */
  readonly architectures: readonly string[];
}

/** A file of a repository. */
export interface HubFile {
  /** As the Hub writes it; nobody has checked yet where it leads. */
  readonly path: string;
  readonly bytes: number;
  /** Of what it holds, and the name of its blob in the cache. */
  readonly digest: Digest;
}

/** Git LFS names a file by the SHA-256 of what it holds, git by the SHA-1 of a header and what it holds. */
export interface Digest {
  readonly algorithm: "sha256" | "git-sha1";
  /** Small hexadecimal digits. */
  readonly hex: string;
}

/** Repositories of tens of thousands of files fit. */
const mostBytes = 16_000_000;

/** @throws DheeraError */
export async function readModelInfo(connection: HubConnection, model: ModelReference): Promise<ModelInfo> {
  const path = `/api/models/${model.name}/revision/${encodeURIComponent(model.revision)}?blobs=true`;
  const { text, url } = await trying(
    async () => {
      const answer = await askHub(connection, path, { model });
      return { text: await textOf(answer.body, new URL(answer.address)), url: new URL(answer.address) };
    },
    connection.patience,
    connection.signal,
  );
  const parsed = v.safeParse(infoSchema, jsonOf(text));
  if (!parsed.success) throw badAnswer("does not describe the model as the Hub does", url);
  const { sha, siblings, gated, cardData, tags, config } = parsed.output;
  if (isCommit(model.revision) && sha !== model.revision)
    throw badAnswer(`answers with commit ${sha} for commit ${model.revision}`, url);
  return {
    commit: sha,
    files: siblings.flatMap(fileOf),
    isGated: gated !== undefined && gated !== false,
    licence: {
      id: licenceOf(cardData?.license) ?? tagged(tags, "license:"),
      name: cardData?.license_name,
      link: cardData?.license_link,
    },
    architectures: config?.architectures ?? [],
  };
}

const words = v.fallback(v.optional(v.string()), undefined);
const infoSchema = v.object({
  sha: v.pipe(v.string(), v.regex(/^[\da-f]{40}$/)),
  siblings: v.array(
    v.object({
      rfilename: v.string(),
      size: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
      blobId: v.optional(v.string()),
      lfs: v.nullish(v.object({ sha256: v.optional(v.string()), oid: v.optional(v.string()) })),
    }),
  ),
  // Only shown, or used where they are there: a model without them is a model.
  gated: v.fallback(v.optional(v.union([v.boolean(), v.string()])), undefined),
  tags: v.fallback(v.optional(v.array(v.string())), undefined),
  cardData: v.fallback(
    v.nullish(
      v.object({
        license: v.fallback(v.optional(v.union([v.string(), v.array(v.string())])), undefined),
        license_name: words,
        license_link: words,
      }),
    ),
    undefined,
  ),
  config: v.fallback(v.nullish(v.object({ architectures: v.optional(v.array(v.string())) })), undefined),
});

type Sibling = v.InferOutput<typeof infoSchema>["siblings"][number];

/** A file without size or hash cannot be checked, so it counts as absent. */
function fileOf({ rfilename, size, blobId, lfs }: Sibling): readonly HubFile[] {
  if (size === undefined) return [];
  const sha256 = lfs?.sha256 ?? lfs?.oid;
  if (sha256 !== undefined) return hexOf(sha256, 64, "sha256", rfilename, size);
  return blobId === undefined ? [] : hexOf(blobId, 40, "git-sha1", rfilename, size);
}

function hexOf(
  hex: string,
  digits: number,
  algorithm: Digest["algorithm"],
  path: string,
  bytes: number,
): readonly HubFile[] {
  const isDigest = hex.length === digits && /^[\da-f]+$/.test(hex);
  return isDigest ? [{ path, bytes, digest: { algorithm, hex } }] : [];
}

function licenceOf(license: string | readonly string[] | undefined): string | undefined {
  return typeof license === "string" || license === undefined ? license : license.join(", ");
}

function tagged(tags: readonly string[] | undefined, prefix: string): string | undefined {
  return tags?.find((tag) => tag.startsWith(prefix))?.slice(prefix.length);
}

async function textOf(body: AsyncIterable<Uint8Array>, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw badAnswer("describes the model with more than 16 MB", url);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
