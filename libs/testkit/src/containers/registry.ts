import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainersLab } from "./containers-lab.ts";
import { addTestProgram } from "./test-program.ts";

/** bcrypt of {@link REGISTRY_USER}'s password, as the registry wants it. */
export const PASSWORD_FILE = "robot:$2b$04$EadFOVaXOVNlSJt/xbs2iOv.knsQXMOAxEjqarTKbeYqpIDctSbaW\n";
export const REGISTRY_USER = { username: "robot", password: "s3cr3t" } as const;

const START_LIMIT_MS = 20_000;

export interface RegistryOptions {
  /** A name that the lab resolves to its loopback address. */
  readonly host: string;
  readonly port: number;
  /** PEM, for that name. */
  readonly certificate: string;
  readonly key: string;
}

export interface Registry {
  /** How the registry is named in references: `registry.lab:5443`. */
  readonly authority: string;
  readonly credentials: { readonly username: string; readonly password: string };
  /** Puts an image there that the lab's containerd has. */
  push(reference: string): Promise<void>;
  stop(): Promise<void>;
}

/** Debian's registry (distribution) in the lab, with TLS and basic authentication. */
export async function startRegistry(
  lab: ContainersLab,
  { host, port, certificate, key }: RegistryOptions,
): Promise<Registry> {
  const folder = lab.path("var/registry");
  await mkdir(folder, { recursive: true });
  const program = await addTestProgram(lab, "docker-registry");
  await writeFile(join(folder, "certificate.pem"), certificate);
  await writeFile(join(folder, "key.pem"), key);
  await writeFile(join(folder, "passwords"), PASSWORD_FILE);
  await writeFile(join(folder, "config.json"), JSON.stringify(config(port)));
  const server = lab.namespaces.start([program, "serve", "/var/registry/config.json"]);
  await server.waitFor("listening on", START_LIMIT_MS);
  const authority = `${host}:${port}`;
  const { username, password } = REGISTRY_USER;
  return {
    authority,
    credentials: REGISTRY_USER,
    push: async (reference) => {
      const login = ["--user", `${username}:${password}`];
      await lab.namespaces.run(["ctr", "-n", "k8s.io", "images", "push", ...login, reference]);
    },
    stop: () => server.end("SIGTERM"),
  };
}

function config(port: number): unknown {
  return {
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: "/var/registry/data" }, delete: { enabled: true } },
    http: {
      addr: `127.0.0.1:${port}`,
      tls: { certificate: "/var/registry/certificate.pem", key: "/var/registry/key.pem" },
    },
    auth: { htpasswd: { realm: "lab", path: "/var/registry/passwords" } },
  };
}
