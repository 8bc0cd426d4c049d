import { X509Certificate } from "node:crypto";
import { ensureCredentials, makeScratchDir } from "@ballast/vm";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { issueClient } from "./issue-client.ts";

it("issueClient() makes what apiclient would not, signed by the same CA", async () => {
  using scratch = makeScratchDir();
  const credentials = join(scratch.path, "credentials");
  const client = join(scratch.path, "client");
  mkdirSync(client);
  await ensureCredentials(credentials);
  const uris = ["ballast:role:reader", "ballast:role:admin"];
  const identity = await issueClient(credentials, client, { uris, extendedKeyUsage: "serverAuth" });
  const certificate = new X509Certificate(identity.certificate ?? "");
  expect(certificate.verify(new X509Certificate(identity.ca).publicKey)).toBe(true);
  expect(certificate.subjectAltName).toBe("URI:ballast:role:reader, URI:ballast:role:admin");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
});
