import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { canonicalize } from "@tufjs/canonical-json";
import { Key, Signature } from "@tufjs/models";

/** A public key as metadata name it. */
export interface PublicKey {
  /** Hex of the SHA-256 of the key's canonical JSON. */
  readonly id: string;
  readonly key: Key;
}

/** An Ed25519 key that signs. */
export interface SigningKey extends PublicKey {
  readonly sign: (bytes: Buffer) => Signature;
}

/** A new key as PKCS #8, PEM; not encrypted. */
export function generatePrivateKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
}

/** `pem` is a private Ed25519 key, PKCS #8. */
export function signingKey(pem: string): SigningKey {
  const secret = createPrivateKey(pem);
  const known = publicKey(createPublicKey(secret));
  return {
    ...known,
    sign: (bytes) =>
      new Signature({ keyID: known.id, sig: sign(undefined, bytes, secret).toString("hex") }),
  };
}

function publicKey(key: KeyObject): PublicKey {
  if (key.asymmetricKeyType !== "ed25519")
    throw new TypeError(`A key of type ${key.asymmetricKeyType ?? "none"} cannot sign metadata`);
  // The last 32 bytes of the SPKI are the key itself (RFC 8410).
  const value = key.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
  const json = { keytype: "ed25519", scheme: "ed25519", keyval: { public: value } };
  const id = createHash("sha256").update(canonicalize(json)).digest("hex");
  return { id, key: Key.fromJSON(id, json) };
}
