import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { ContainersLab } from "@ballast/testkit/containers";
import type { Identity } from "../certificates.ts";

/** As the registry is told of it. */
export const TOKEN = {
  realm: "https://token.lab:5443/token",
  service: "lab-registry",
  issuer: "lab-tokens",
} as const;
const LIFE_S = 300;

/**
 * Gives tokens to who knows the password (the token protocol of distribution: JWT, signed with the certificate in `x5c`).
 * Returns the path of its socket.
 */
export async function tokenServer(
  lab: ContainersLab,
  signer: Identity,
  user: { readonly username: string; readonly password: string },
): Promise<string> {
  const expected = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;
  const socketPath = lab.path("var/tokens");
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? "/", TOKEN.realm);
    if (incoming.headers.authorization !== expected) {
      response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      return;
    }
    const token = tokenFor(url.searchParams.getAll("scope"), signer, user.username);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ token, expires_in: LIFE_S }));
  }).listen(socketPath);
  await once(server, "listening");
  // It ends with the test.
  server.unref();
  return socketPath;
}

/** A token of the server's: what {@link signer} signs, the registry believes. */
export function tokenFor(
  scopes: readonly string[],
  { cert, key }: Identity,
  subject: string,
): string {
  const x5c = [new X509Certificate(cert).raw.toString("base64")];
  const nowS = Math.floor(Date.now() / 1000);
  const access = scopes
    .flatMap((scope) => scope.split(" "))
    .map((scope) => {
      const [type = "", name = "", actions = ""] = scope.split(":");
      return { type, name, actions: actions.split(",") };
    });
  const claims = {
    iss: TOKEN.issuer,
    sub: subject,
    aud: TOKEN.service,
    exp: nowS + LIFE_S,
    nbf: nowS - 10,
    iat: nowS - 10,
    jti: randomUUID(),
    access,
  };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ typ: "JWT", alg: "ES256", x5c })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), {
    key: createPrivateKey(key),
    dsaEncoding: "ieee-p1363",
  });
  return `${signed}.${signature.toString("base64url")}`;
}
