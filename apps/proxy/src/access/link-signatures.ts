import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

/** Signs addresses that are opened without a key: a browser that saves a large file can send none. */
export interface LinkSignatures {
  sign(text: string): string;
  isRight(text: string, signature: string): boolean;
}

/** @param masterKey what all processes of a proxy share; without one a link opens in the process alone that made it */
export function linkSignatures(masterKey: string | undefined): LinkSignatures {
  const secret = masterKey === undefined ? (secretOfProcess ??= new Uint8Array(randomBytes(32))) : derive(masterKey);
  const digest = (text: string): Uint8Array => new Uint8Array(createHmac("sha256", secret).update(text).digest());
  return {
    sign: (text) => Buffer.from(digest(text)).toString("base64url"),
    isRight(text, signature) {
      const given = Buffer.from(signature, "base64url");
      const right = digest(text);
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}

/** Made when it is first needed: where a program begins, workerd gives no random numbers. */
let secretOfProcess: Uint8Array | undefined;

/** Not the key itself, so that nothing signed here means anything elsewhere. */
function derive(masterKey: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", masterKey, "", "dheera-ai link", 32));
}
