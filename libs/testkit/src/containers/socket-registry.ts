import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainersLab } from "./containers-lab.ts";
import { PASSWORD_FILE } from "./registry.ts";
import { addTestProgram } from "./test-program.ts";

const START_LIMIT_MS = 20_000;

/** How a registry asks who somebody is: by a password, or by a token of somebody else. */
type RegistryAuth =
  | { readonly by: "password" }
  | {
      readonly by: "token";
      /** Where tokens are given, as clients reach it. */
      readonly realm: string;
      readonly service: string;
      readonly issuer: string;
      /** PEM of the authority whose certificates sign tokens. */
      readonly authority: string;
    };

/** Debian's registry behind whoever stands in front of it with TLS. */
interface SocketRegistry {
  /** Where it listens, as the machine sees it. */
  readonly socketPath: string;
}

/** Starts the registry in the lab on a unix socket; `name` tells several apart. */
export async function startSocketRegistry(
  lab: ContainersLab,
  { name, auth }: { readonly name: string; readonly auth: RegistryAuth },
): Promise<SocketRegistry> {
  const folder = `var/registry-${name}`;
  const inLab = `/${folder}`;
  const program = await addTestProgram(lab, "docker-registry");
  await mkdir(lab.path(folder), { recursive: true });
  await writeFile(join(lab.path(folder), "passwords"), PASSWORD_FILE);
  if (auth.by === "token") await writeFile(join(lab.path(folder), "authority.pem"), auth.authority);
  const config = {
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: `${inLab}/data` }, delete: { enabled: true } },
    http: { net: "unix", addr: `${inLab}/socket` },
    auth: authConfig(auth, inLab),
  };
  await writeFile(join(lab.path(folder), "config.json"), JSON.stringify(config));
  const server = lab.namespaces.start([program, "serve", `${inLab}/config.json`]);
  await server.waitFor("listening on", START_LIMIT_MS);
  return { socketPath: join(lab.path(folder), "socket") };
}

function authConfig(auth: RegistryAuth, folder: string): unknown {
  if (auth.by === "password") return { htpasswd: { realm: "lab", path: `${folder}/passwords` } };
  const { realm, service, issuer } = auth;
  return { token: { realm, service, issuer, rootcertbundle: `${folder}/authority.pem` } };
}
