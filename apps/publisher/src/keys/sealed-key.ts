import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import * as z from "zod";
import { PublisherError } from "../publisher-error.ts";

const CIPHER = "aes-256-gcm";
/** 128 MiB and half a second for each guess (RFC 7914, section 2). */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 } as const;
const SCRYPT_MAX_BYTES = 256 * 1024 * 1024;

const Bytes = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);
const SealedKey = z.strictObject({
  schema: z.literal(1),
  kdf: z.strictObject({
    name: z.literal("scrypt"),
    // Bounded: a file must not make the program take all memory there is.
    N: z
      .int()
      .min(2 ** 14)
      .max(2 ** 17),
    r: z.literal(8),
    p: z.literal(1),
    salt: Bytes,
  }),
  cipher: z.literal(CIPHER),
  nonce: Bytes,
  tag: Bytes,
  text: Bytes,
});

/** For keys that are made at once: what opens one opens all. */
export function newSalt(): Buffer {
  return randomBytes(16);
}

/** The text of a file that holds a private key (PEM) and opens only with the passphrase. */
export function sealKey(pem: string, passphrase: string, salt: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv(CIPHER, derive(passphrase, salt, SCRYPT.N), nonce);
  const text = Buffer.concat([cipher.update(pem, "utf8"), cipher.final()]);
  const sealed: z.input<typeof SealedKey> = {
    schema: 1,
    kdf: { name: "scrypt", ...SCRYPT, salt: salt.toString("base64") },
    cipher: CIPHER,
    nonce: nonce.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    text: text.toString("base64"),
  };
  return `${JSON.stringify(sealed, undefined, 1)}\n`;
}

/** The private key, PEM. `path` is for messages. Throws PublisherError. */
export function openKey(sealed: string, passphrase: string, path: string): string {
  const { kdf, nonce, tag, text } = parse(sealed, path);
  const key = derive(passphrase, Buffer.from(kdf.salt, "base64"), kdf.N);
  try {
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(nonce, "base64"), {
      authTagLength: 16,
    });
    decipher.setAuthTag(Buffer.from(tag, "base64"));
    return Buffer.concat([decipher.update(text, "base64"), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new PublisherError(
      "publisher.bad-key",
      `Cannot open key "${path}": the passphrase is another one, or the file was changed`,
      { cause },
    );
  }
}

function parse(text: string, path: string): z.output<typeof SealedKey> {
  try {
    return SealedKey.parse(JSON.parse(text));
  } catch (cause) {
    throw new PublisherError(
      "publisher.bad-key",
      `Cannot open key "${path}": it is no sealed key`,
      {
        cause,
      },
    );
  }
}

/** Of the last question: the keys of one folder share their salt, and each guess is meant to be dear. */
let last: { readonly question: string; readonly key: Buffer } | undefined;

function derive(passphrase: string, salt: Buffer, cost: number): Buffer {
  const question = JSON.stringify([passphrase, salt.toString("base64"), cost]);
  if (last?.question === question) return last.key;
  const options = { ...SCRYPT, N: cost, maxmem: SCRYPT_MAX_BYTES };
  const key = scryptSync(passphrase.normalize("NFC"), salt, 32, options);
  last = { question, key };
  return key;
}
