import { DheeraError } from "@dheera-ai/core";
import type { S3Client } from "@aws-sdk/client-s3";

import type { Store, StoredName } from "../contract.ts";
import { checkName, checkPrefix } from "./check-name.ts";
import { isMissing, s3Error } from "./s3-error.ts";

/** Where a bucket is, and whose it is. */
export interface S3Settings {
  /** Of any server that speaks S3; Amazon's own where absent. Names of buckets are then part of the path. */
  readonly endpointUrl?: string | undefined;
  /** Default: Amazon's own sources; `us-east-1` with an `endpointUrl`. */
  readonly regionName?: string | undefined;
  /** With `secretAccessKey`; default: Amazon's own sources (environment, files, the machine's role). */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
}

/** Requests for one name, the first and those after failures. */
const mostAttempts = 4;
/** Milliseconds. */
const connectionTimeout = 5_000;
const requestTimeout = 30_000;
/** Names that are removed at one time. One request for many is not what every server has. */
const removalsAtOnce = 16;

type S3Package = typeof import("@aws-sdk/client-s3");

/**
 * Objects of a bucket of Amazon S3 or of a server that speaks its protocol.
 * @param url `s3://bucket` or `s3://bucket/prefix`
 * @throws DheeraError `invalid_request` for another URL; `unavailable` where the bucket cannot be used, or the package is not installed
 */
export async function openS3Store(url: string, settings: S3Settings = {}): Promise<Store> {
  const { bucket, prefix } = readUrl(url);
  const s3 = await loadPackage();
  const { endpointUrl, regionName, accessKeyId, secretAccessKey } = settings;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw new DheeraError("invalid_request", "s3_access_key_id and s3_secret_access_key: give both, or neither");
  const region = regionName ?? (endpointUrl === undefined ? undefined : "us-east-1");
  const client = new s3.S3Client({
    ...(endpointUrl !== undefined && { endpoint: endpointUrl, forcePathStyle: true }),
    ...(region !== undefined && { region }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    maxAttempts: mostAttempts,
    // Without it a request that takes too long is only warned of.
    requestHandler: { connectionTimeout, requestTimeout, throwOnRequestTimeout: true },
    // Sums of newer kinds are not what every server knows.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const store = new S3Store(s3, client, bucket, prefix);
  try {
    await store.check();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

class S3Store implements Store {
  readonly #s3: S3Package;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(s3: S3Package, client: S3Client, bucket: string, prefix: string) {
    this.#s3 = s3;
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async check(): Promise<void> {
    const first = { Bucket: this.#bucket, Prefix: this.#prefix, MaxKeys: 1 };
    await this.#ask(() => this.#client.send(new this.#s3.ListObjectsV2Command(first)));
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    const object = { ...this.#object(name), Body: bytes, ContentLength: bytes.byteLength };
    await this.#ask(() => this.#client.send(new this.#s3.PutObjectCommand(object)));
  }

  async read(name: string): Promise<Uint8Array> {
    checkName(name);
    return this.#ask(async () => {
      try {
        const { Body } = await this.#client.send(new this.#s3.GetObjectCommand(this.#object(name)));
        return Body === undefined ? new Uint8Array() : await Body.transformToByteArray();
      } catch (error) {
        if (!isMissing(error)) throw error;
        throw new DheeraError("invalid_request", `nothing is stored as ${name}`, { cause: error });
      }
    });
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) checkName(name);
    for (let start = 0; start < names.length; start += removalsAtOnce)
      await Promise.all(names.slice(start, start + removalsAtOnce).map((name) => this.#remove(name)));
  }

  async #remove(name: string): Promise<void> {
    await this.#ask(async () => {
      try {
        await this.#client.send(new this.#s3.DeleteObjectCommand(this.#object(name)));
      } catch (error) {
        // Amazon's says yes; others say that it is not there.
        if (!isMissing(error)) throw error;
      }
    });
  }

  async *list(prefix: string): AsyncIterable<StoredName> {
    checkPrefix(prefix);
    for (let page: string | undefined; ;) {
      const wanted = { Bucket: this.#bucket, Prefix: this.#prefix + prefix, ContinuationToken: page };
      const found = await this.#ask(() => this.#client.send(new this.#s3.ListObjectsV2Command(wanted)));
      for (const { Key, LastModified } of found.Contents ?? [])
        if (Key !== undefined) yield { name: Key.slice(this.#prefix.length), writtenAt: LastModified?.getTime() ?? 0 };
      page = found.NextContinuationToken;
      if (found.IsTruncated !== true || page === undefined) return;
    }
  }

  close(): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }

  #object(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + name };
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw s3Error(this.#bucket, error);
    }
  }
}

/** `s3://bucket/prefix`, where the prefix begins and ends as a folder does. */
function readUrl(url: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket, folder = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(url) ?? [];
  const prefix = folder.replace(/\/+$/, "");
  if (bucket === undefined || /^\/|\/\/|[?#]/.test(prefix))
    throw new DheeraError("invalid_request", "the URL of a bucket is s3://bucket or s3://bucket/prefix");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

async function loadPackage(): Promise<S3Package> {
  try {
    return await import("@aws-sdk/client-s3");
  } catch (cause) {
    throw new DheeraError("unavailable", "storage in S3 needs a package: npm install @aws-sdk/client-s3", {
      cause,
      retryable: false,
    });
  }
}
