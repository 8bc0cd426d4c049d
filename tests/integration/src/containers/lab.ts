import { rm } from "node:fs/promises";
import {
  ContainersLab,
  labFiles,
  makeProbeImage,
  startRegistry,
  type LabFile,
  type Registry,
} from "@ballast/testkit/containers";
import { Authority } from "../certificates.ts";

/** What tests start; imported, not pulled. */
export const PROBE_IMAGE = "lab.local/probe:1";
const HOST = "registry.lab";
const PORT = 5443;
const AUTHORITY = `${HOST}:${PORT}`;

/** For what happens at once on a machine that has nothing else to do. */
export const SOON = { timeout: 20_000 } as const;

/** The control groups of containers are root's to make. */
export const CAN_RUN_LAB = process.getuid?.() === 0;

/** A lab whose containerd runs as these settings say, from the files that the API server renders, with the probe's image. */
export async function startLab(
  settings: unknown = {},
  names: readonly string[] = [HOST],
  diskBytes?: number,
): Promise<ContainersLab> {
  const lab = await ContainersLab.create(diskBytes);
  try {
    await lab.writeFiles([...labFiles(settings), hosts(names)]);
    await lab.startContainerd();
    await importProbe(lab, PROBE_IMAGE, "imported");
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

export interface LabWithRegistry extends AsyncDisposable {
  readonly lab: ContainersLab;
  readonly registry: Registry;
  /** An image of the registry that containerd does not have: `registry.lab:5443/team/probe:1`. */
  readonly image: string;
}

/** A lab that trusts a registry of its own and knows how to log in there. */
export async function startLabWithRegistry(diskBytes?: number): Promise<LabWithRegistry> {
  const authority = await Authority.create("lab");
  const identity = await authority.server(HOST);
  const credentials = { [AUTHORITY]: { username: "robot", password: "s3cr3t" } };
  const lab = await startLab({ "container-registry": { credentials } }, [HOST], diskBytes);
  try {
    // Where the API server puts what containerd trusts.
    await lab.writeFiles([{ path: "pki/ca-certificates.crt", mode: 0o644, text: authority.pem }]);
    const { cert: certificate, key } = identity;
    const registry = await startRegistry(lab, { host: HOST, port: PORT, certificate, key });
    const image = `${AUTHORITY}/team/probe:1`;
    await importProbe(lab, image, "pulled");
    await registry.push(image);
    await lab.namespaces.run(["ctr", "-n", "k8s.io", "images", "rm", "--sync", image]);
    return {
      lab,
      registry,
      image,
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** What sandboxes run, for tests without the manager, which imports it by itself. */
export async function importPause(lab: ContainersLab): Promise<void> {
  const archive = "/usr/lib/ballast/pause.oci.tar";
  await lab.namespaces.run(["ctr", "-n", "k8s.io", "images", "import", archive]);
}

/** The kind makes it another image: to containerd those with the same bytes are one. */
async function importProbe(lab: ContainersLab, reference: string, kind: string): Promise<void> {
  const archive = lab.path("var/probe.tar");
  await makeProbeImage(
    lab.probe,
    { reference, entrypoint: ["/probe"], env: [`KIND=${kind}`] },
    archive,
  );
  await lab.importImage(archive);
}

/** Names of the lab's loopback address; nobody else's are known there. */
function hosts(names: readonly string[]): LabFile {
  return { path: "hosts", mode: 0o644, text: `127.0.0.1 localhost ${names.join(" ")}\n` };
}

/** Puts mirrors into force as a change of settings does: they are read anew at each pull. */
export async function setMirrors(
  lab: ContainersLab,
  mirrors: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const folder = "containerd/certs.d";
  await rm(lab.path(`run/ballast/etc/${folder}`), { recursive: true, force: true });
  const files = labFiles({ "container-registry": { mirrors } });
  await lab.writeFiles(files.filter(({ path }) => path.startsWith(folder)));
}
