import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";

import { DheeraError } from "@dheera-ai/core";

/** Encrypts texts for the database with AES-256-GCM, so that who reads the database, or a copy of it, cannot read them. */
export interface Secrets {
  /** Names the key that encrypts, without saying anything of it; undefined where there is none. */
  readonly keyId: string | undefined;
  /**
   * @param place where the text will stand; it can be decrypted for this place alone, so that nobody who writes to the database can move
   * a key to a server of theirs
   * @returns `enc:v1:<key id>:<nonce>:<ciphertext and tag>`
   * @throws DheeraError `invalid_request` where no key is set
   */
  encrypt(text: string, place: string): string;
  /** @throws DheeraError `unavailable` where its key is not set, or the text was changed or stood elsewhere */
  decrypt(encrypted: string, place: string): string;
}

/** The variable with the key that encrypts, LiteLLM's name for it, and the one with further keys that decrypt. */
export const saltKeyVariable = "DHEERA_AI_SALT_KEY";
const litellmSaltKeyVariable = "LITELLM_SALT_KEY";
export const previousSaltKeysVariable = "DHEERA_AI_PREVIOUS_SALT_KEYS";

const fewestCharacters = 16;

/**
 * Reads the keys. Deriving them takes some 50 ms each, off the event loop, so that guessing a weak one from a copy of the database is slow.
 * @throws DheeraError `invalid_request` naming the variable whose key is too short
 */
export async function openSecrets(environment: Readonly<Record<string, string | undefined>>): Promise<Secrets> {
  const current = environment[saltKeyVariable] || environment[litellmSaltKeyVariable];
  const previous = (environment[previousSaltKeysVariable] ?? "").split(",").map((key) => key.trim());
  const encrypting = current
    ? await derive(current, environment[saltKeyVariable] ? saltKeyVariable : litellmSaltKeyVariable)
    : undefined;
  const others: DerivedKey[] = [];
  for (const key of previous.filter((text) => text !== "")) others.push(await derive(key, previousSaltKeysVariable));
  const keys = new Map([...others, ...(encrypting ? [encrypting] : [])].map((key) => [key.id, key]));
  return {
    keyId: encrypting?.id,
    encrypt(text, place) {
      if (encrypting === undefined)
        throw new DheeraError(
          "invalid_request",
          `secrets are kept in the database only encrypted: set ${saltKeyVariable} for every process of the proxy, to at least ${fewestCharacters} random characters`,
        );
      return encryptWith(encrypting, text, place);
    },
    decrypt(encrypted, place) {
      const [id = "", nonce = "", sealed = ""] = encrypted.startsWith(prefix)
        ? encrypted.slice(prefix.length).split(":")
        : [];
      const key = keys.get(id);
      if (key === undefined)
        throw new DheeraError(
          "unavailable",
          `${place} was encrypted with the key ${id.slice(0, 8)}, which is not set: name it in ${saltKeyVariable} or ${previousSaltKeysVariable}`,
        );
      return decryptWith(key, nonce, sealed, place);
    },
  };
}

/** Whether a text of the database is an encrypted one. */
export function isEncrypted(text: string): boolean {
  return text.startsWith(prefix);
}

/** The id of the key that an encrypted text needs. */
export function keyIdOf(encrypted: string): string | undefined {
  return isEncrypted(encrypted) ? encrypted.slice(prefix.length).split(":", 1)[0] : undefined;
}

const prefix = "enc:v1:";

interface DerivedKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const slowly = promisify<
  string,
  string,
  number,
  { readonly N: number; readonly r: number; readonly p: number },
  Buffer
>(scrypt);

/** The salt is the same everywhere: replicas that share nothing but the key and the database must derive the same. */
async function derive(text: string, variable: string): Promise<DerivedKey> {
  if (text.length < fewestCharacters)
    throw new DheeraError("invalid_request", `${variable} must have at least ${fewestCharacters} characters`);
  const bytes = await slowly(text, "dheera-ai/teams/secrets/v1", 32, { N: 16_384, r: 8, p: 1 });
  return { id: createHash("sha256").update("key id").update(bytes).digest("hex").slice(0, 8), bytes };
}

const nonceBytes = 12;
const tagBytes = 16;

/** A nonce is drawn for each text: of 4 billion texts of one key two share it by a chance of 1 to 8 billion. */
function encryptWith({ id, bytes }: DerivedKey, text: string, place: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", bytes, nonce, { authTagLength: tagBytes }).setAAD(
    Buffer.from(`${id}:${place}`),
  );
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `${prefix}${id}:${nonce.toString("base64url")}:${sealed.toString("base64url")}`;
}

function decryptWith({ id, bytes }: DerivedKey, nonceText: string, sealedText: string, place: string): string {
  const [nonce, sealed] = [Buffer.from(nonceText, "base64url"), Buffer.from(sealedText, "base64url")];
  try {
    if (nonce.length !== nonceBytes || sealed.length < tagBytes) throw new Error("too short");
    const decipher = createDecipheriv("aes-256-gcm", bytes, nonce, { authTagLength: tagBytes })
      .setAAD(Buffer.from(`${id}:${place}`))
      .setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]).toString("utf8");
  } catch {
    // What the library says is of no use, and the text is nobody's business.
    throw new DheeraError(
      "unavailable",
      `${place} was changed in the database, or copied there from elsewhere: set it again`,
    );
  }
}
