import { once } from "node:events";
import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { issueServer } from "../issue-server.ts";
import { makeProbeImage } from "./probe-image.ts";
import { PASSWORD_FILE, REGISTRY_USER } from "./registry.ts";
import { pushArchive, type PushTarget } from "./push-archive.ts";
import { unpackTestPackage } from "./test-program.ts";

const START_LIMIT_MS = 30_000;

/** Debian's registry (distribution) on the machine that tests, with TLS and basic authentication, for guests. */
export interface HostRegistry extends AsyncDisposable {
  /** How the registry is named in references, `registry.test:41234`; the guest must resolve the name. */
  readonly authority: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  readonly credentials: { readonly username: string; readonly password: string };
  /** Puts the image of an OCI archive there; returns its digest. */
  push(archive: string, repository: string, tag: string): Promise<string>;
  /** Puts an image with nothing in it but the probe there; returns its digest. */
  pushProbe(probe: string, repository: string, tag: string): Promise<string>;
  stop(): Promise<void>;
}

/** `directory` is the caller's and outlives the registry; `host` is a name that is in its certificate. */
export async function startHostRegistry(directory: string, host: string): Promise<HostRegistry> {
  const work = await mkdtemp(join(directory, "registry-"));
  const program = await unpackRegistry(work);
  const identity = await issueServer(work, [host]);
  const port = await freePort();
  await writeFile(join(work, "passwords"), PASSWORD_FILE);
  await writeFile(
    join(work, "config.json"),
    JSON.stringify({
      version: "0.1",
      log: { level: "info" },
      storage: { filesystem: { rootdirectory: join(work, "data") } },
      http: {
        addr: `127.0.0.1:${port}`,
        tls: { certificate: join(work, "server.pem"), key: join(work, "server.key") },
      },
      auth: { htpasswd: { realm: "test", path: join(work, "passwords") } },
    }),
  );
  const server = execa(program, ["serve", join(work, "config.json")], {
    ...({ all: true, buffer: false, reject: false, stdin: "ignore" } as const),
  });
  await listening(server.all);
  const { username: user, password } = REGISTRY_USER;
  const target: PushTarget = { port, user, password, ca: identity.ca, host };
  const stop = async (): Promise<void> => {
    server.kill("SIGTERM");
    await server;
  };
  return {
    authority: `${host}:${port}`,
    ca: identity.ca,
    credentials: REGISTRY_USER,
    push: (archive, repository, tag) => pushArchive(target, archive, repository, tag),
    pushProbe: async (probe, repository, tag) => {
      const archive = join(work, "probe.tar");
      const reference = `${host}:${port}/${repository}:${tag}`;
      await makeProbeImage(probe, { reference, entrypoint: ["/probe"] }, archive);
      return pushArchive(target, archive, repository, tag);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The one file of the package that is named as it. */
async function unpackRegistry(work: string): Promise<string> {
  const name = "docker-registry";
  const tree = join(work, "tree");
  await mkdir(tree);
  await unpackTestPackage(name, tree);
  const program = join(tree, "usr/bin", name);
  await chmod(program, 0o755);
  return program;
}

async function listening(output: NodeJS.ReadableStream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let text = "";
  const fail = () => {
    reject(new Error(`The registry does not listen:\n${text.slice(-4000)}`));
  };
  const timer = setTimeout(fail, START_LIMIT_MS);
  output.on("end", fail);
  output.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes("listening on")) resolve(undefined);
  });
  await promise.finally(() => {
    clearTimeout(timer);
  });
}

/** The registry cannot tell which port it was given, so one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port");
  return address.port;
}
