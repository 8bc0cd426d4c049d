// First: the library looks for it while it loads. It has no exports.
// oxlint-disable-next-line import/no-unassigned-import
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const HOUR_MS = 3_600_000;

x509.cryptoProvider.set(webcrypto);

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface ClientWish {
  /** URIs among the subject alternative names. */
  readonly uris: readonly string[];
  /** Extended key usages; no such extension when empty. */
  readonly usages?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly isCa?: boolean;
  /** In hexadecimal. */
  readonly serial?: string;
}

/** A certification authority of its own, that signs whatever a test wishes. */
export class Authority {
  readonly certificate: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.certificate = certificate;
    this.#keys = keys;
  }

  static async create(name: string): Promise<Authority> {
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01",
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - HOUR_MS),
      notAfter: new Date(Date.now() + HOUR_MS),
      signingAlgorithm: EC,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    });
    return new Authority(certificate, keys);
  }

  get pem(): string {
    return this.certificate.toString("pem");
  }

  server(host = "localhost"): Promise<Identity> {
    return this.#issue("server", [SERVER_AUTH], [{ type: "dns", value: host }], {});
  }

  client(wish: ClientWish): Promise<Identity> {
    const names = wish.uris.map((value) => ({ type: "url", value }) as const);
    return this.#issue("client", wish.usages ?? [CLIENT_AUTH], names, wish);
  }

  /** A list in PEM that revokes these serial numbers. */
  async revocationList(serials: readonly string[], nextUpdate = hoursFromNow(1)): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer: this.certificate.subject,
      thisUpdate: hoursFromNow(-2),
      nextUpdate,
      entries: serials.map((serialNumber) => ({ serialNumber, revocationDate: hoursFromNow(-1) })),
      signingAlgorithm: EC,
      signingKey: this.#keys.privateKey,
    });
    // The library writes another label than RFC 7468 section 6 and OpenSSL.
    return list.toString("pem").replaceAll(" CRL-", " X509 CRL-");
  }

  async #issue(
    name: string,
    usages: readonly string[],
    names: readonly { readonly type: "dns" | "url"; readonly value: string }[],
    wish: Omit<ClientWish, "uris">,
  ): Promise<Identity> {
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: wish.serial ?? "0a0b",
      subject: `CN=${name}`,
      issuer: this.certificate.subject,
      notBefore: wish.notBefore ?? new Date(Date.now() - HOUR_MS),
      notAfter: wish.notAfter ?? new Date(Date.now() + HOUR_MS),
      signingAlgorithm: EC,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(wish.isCa === true),
        ...(usages.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...usages])]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names])]),
      ],
    });
    const raw = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(raw, "PRIVATE KEY") };
  }
}

function hoursFromNow(hours: number): Date {
  return new Date(Date.now() + hours * HOUR_MS);
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
}
