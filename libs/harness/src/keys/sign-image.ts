import { createPrivateKey, X509Certificate } from "node:crypto";
import { dirname, basename } from "node:path";
import { BuildError } from "../core/build-error.ts";
import type { Context } from "../core/context.ts";
import { keyFiles, readKeyFile } from "./key-folder.ts";

/** Where the key is seen inside the sandbox, by the one command that signs. */
const KEY = "/tmp/db.key";
const CERTIFICATE = "/tmp/db.pem";

/** SHA-256 of the certificate in DER, lower-case hex; the pair is checked to be one. */
export async function readSigner(directory: string): Promise<{ certificateSha256: string }> {
  const files = keyFiles(directory, "db");
  const certificate = parse(
    files.certificate,
    await readKeyFile(files.certificate, "what to sign with"),
    (text) => new X509Certificate(text),
  );
  const key = parse(files.key, await readKeyFile(files.key, "what to sign with"), (text) =>
    createPrivateKey(text),
  );
  if (!certificate.checkPrivateKey(key))
    throw new BuildError(
      "build.no-keys",
      `Cannot sign: "${files.key}" is not the key of "${files.certificate}"`,
    );
  return { certificateSha256: certificate.fingerprint256.replaceAll(":", "").toLowerCase() };
}

/**
 * Signs an EFI image with db's key, and verifies it. The signature carries a time: it is that of the package lock, so
 * that the same image and the same key give the same bytes.
 */
export async function signImage(
  context: Pick<Context, "lock" | "run">,
  directory: string,
  image: { readonly source: string; readonly target: string },
): Promise<void> {
  const { key, certificate } = keyFiles(directory, "db");
  const time = new Date(context.lock.sourceDateEpoch * 1000).toISOString();
  const output = `/out/${basename(image.target)}`;
  await context.run(
    [
      ...["faketime", "-f", `${time.slice(0, 10)} ${time.slice(11, 19)}`],
      ...["sbsign", "--key", KEY, "--cert", CERTIFICATE, "--output", output],
      `/src/${basename(image.source)}`,
    ],
    {
      readOnly: { "/src": dirname(image.source), [KEY]: key, [CERTIFICATE]: certificate },
      writable: { "/out": dirname(image.target) },
    },
  );
  await context.run(["sbverify", "--cert", CERTIFICATE, output], {
    readOnly: { "/out": dirname(image.target), [CERTIFICATE]: certificate },
  });
}

/** What the parser says is not shown: it could quote the key. */
function parse<T>(file: string, text: string, parser: (text: string) => T): T {
  try {
    return parser(text);
  } catch {
    throw new BuildError(
      "build.no-keys",
      `Cannot sign: "${file}" is damaged, or has a pass phrase`,
    );
  }
}
