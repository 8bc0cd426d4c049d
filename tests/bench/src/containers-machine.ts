import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { issueServer } from "@ballast/testkit";
import {
  ContainersLab,
  labFiles,
  makeProbeImage,
  startRegistry,
  type Registry,
} from "@ballast/testkit/containers";
import { BenchError } from "./bench-error.ts";

const HOST = "registry.lab";
const PORT = 5443;
const USER = { username: "robot", password: "s3cr3t" } as const;
const STATE = "run/ballast/containers/state.json";
const CONFIG = "run/ballast/etc/containers.json";
const ANSWER_LIMIT_MS = 60_000;
const POLL_MS = 5;
/** What the API server writes of a container that only has an image. */
const DEFAULTS = {
  ...{ enabled: true, privileged: false, restart: "always", requires: [], capabilities: [] },
  ...{ env: {}, "secret-env": {}, volumes: {}, tmpfs: {}, "host-paths": {}, resources: {} },
};

/** The image's containerd and manager in a lab, with a registry that has {@link image}. */
export class ContainersMachine implements AsyncDisposable {
  readonly image = `${HOST}:${PORT}/team/probe:1`;
  readonly lab: ContainersLab;
  readonly #registry: Registry;

  private constructor(lab: ContainersLab, registry: Registry) {
    this.lab = lab;
    this.#registry = registry;
  }

  static async start(scratch: string): Promise<ContainersMachine> {
    const lab = await ContainersLab.create();
    try {
      await mkdir(scratch, { recursive: true });
      const { ca, cert: certificate, key } = await issueServer(scratch, [HOST]);
      const credentials = { [`${HOST}:${PORT}`]: USER };
      await lab.writeFiles([
        ...labFiles({ "container-registry": { credentials } }),
        { path: "hosts", mode: 0o644, text: `127.0.0.1 localhost ${HOST}\n` },
        { path: "pki/ca-certificates.crt", mode: 0o644, text: ca },
      ]);
      await lab.startContainerd();
      const registry = await startRegistry(lab, { host: HOST, port: PORT, certificate, key });
      const machine = new ContainersMachine(lab, registry);
      await machine.#fillRegistry(join(scratch, "probe.tar"));
      await machine.want({});
      return machine;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** As the API server renders it. */
  async want(containers: Readonly<Record<string, object>>): Promise<void> {
    const whole = Object.entries(containers).map(([name, one]) => [name, { ...DEFAULTS, ...one }]);
    await writeFile(
      this.lab.path(`${CONFIG}.new`),
      JSON.stringify({ containers: Object.fromEntries(whole) }),
    );
    await rename(this.lab.path(`${CONFIG}.new`), this.lab.path(CONFIG));
  }

  ctr(...words: readonly string[]): Promise<string> {
    return this.lab.namespaces.run(["ctr", "-n", "k8s.io", ...words]);
  }

  pull(): Promise<string> {
    const login = ["--user", `${USER.username}:${USER.password}`];
    return this.ctr("images", "pull", ...login, this.image);
  }

  async answers(port: number): Promise<void> {
    const endMs = performance.now() + ANSWER_LIMIT_MS;
    for (;;) {
      const answer = await this.lab.ask("127.0.0.1", port).catch(() => "");
      if (answer !== "") return;
      if (performance.now() > endMs)
        throw new BenchError("bench.server", `Cannot measure: nobody answers on port ${port}`);
      await sleep(POLL_MS);
    }
  }

  /** Waits until so many processes of containers and of their sandboxes run. */
  async runs(tasks: number): Promise<void> {
    const endMs = performance.now() + ANSWER_LIMIT_MS;
    const count = async () =>
      (await this.ctr("tasks", "ls")).split("\n").filter((line) => line.includes("RUNNING")).length;
    while ((await count()) !== tasks) {
      if (performance.now() > endMs)
        throw new BenchError("bench.server", `Cannot measure: there are not ${tasks} tasks`);
      await sleep(POLL_MS);
    }
  }

  /** Until the manager has taken everything away; its state is what the API tells. */
  async isEmpty(): Promise<void> {
    const endMs = performance.now() + ANSWER_LIMIT_MS;
    while ((await readFile(this.lab.path(STATE), "utf8")) !== "[]\n") {
      if (performance.now() > endMs)
        throw new BenchError("bench.server", "Cannot measure: containers do not go");
      await sleep(POLL_MS);
    }
  }

  /** By all of its names, so that nothing of it stays. */
  async forgetImage(): Promise<void> {
    const names = (await this.ctr("images", "ls", "-q")).split("\n");
    const own = names.filter((name) => name !== "" && !name.startsWith("ballast.local/"));
    await this.ctr("images", "rm", "--sync", ...own);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry.stop();
    await this.lab[Symbol.asyncDispose]();
  }

  async #fillRegistry(archive: string): Promise<void> {
    await makeProbeImage(
      this.lab.probe,
      { reference: this.image, entrypoint: ["/probe"] },
      archive,
    );
    await this.lab.importImage(archive);
    await this.#registry.push(this.image);
  }
}
