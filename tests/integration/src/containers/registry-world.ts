import { readFile } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ImageService, RuntimeService } from "@ballast/containerd/cri";
import { WorkloadList, type WorkloadStatus } from "@ballast/model";
import { startSocketRegistry, type ContainersLab } from "@ballast/testkit/containers";
import { vi } from "vitest";
import { Authority } from "../certificates.ts";
import { setMirrors, SOON, startLab } from "./lab.ts";
import type { PushPlace } from "./oci-image.ts";
import { startManager, want, type RunningManager } from "./manager.ts";
import { RegistryFront } from "./registry-front.ts";
import { TOKEN, tokenFor, tokenServer } from "./token-server.ts";

export const PORT = 5443;
const PASSWORD = "s3cr3t";
const WRONG_PASSWORD = "wr0ng-s3cr3t";
/** Nothing that proves who somebody is may be seen anywhere. */
const good = { username: "robot", password: PASSWORD };
const bad = { username: "robot", password: WRONG_PASSWORD };
/** Of a URL, as those that lead to a storage. */
export const URL_TOKEN = "t0ken-of-a-url";
const SECRETS = [PASSWORD, WRONG_PASSWORD, basic(good), basic(bad), URL_TOKEN, "eyJ"];

/** Names of registries; all are the same one, but `token`, and the machine knows each differently. */
export const REGISTRY = {
  /** Its password is known. */
  known: `registry.lab:${PORT}`,
  wrongPassword: `wrong.lab:${PORT}`,
  noPassword: `guest.lab:${PORT}`,
  /** Asks for a token, which the front gives. */
  token: `token.lab:${PORT}`,
  wrongToken: `badtoken.lab:${PORT}`,
  mirror: `mirror.lab:${PORT}`,
  otherMirror: `everything.lab:${PORT}`,
  /** Its certificate is of nobody that the machine trusts. */
  stranger: `stranger.lab:${PORT}`,
  /** Its certificate is of a trusted authority, for another name. */
  misnamed: `misnamed.example:${PORT}`,
  /** Nobody listens there. */
  down: "registry.lab:5999",
  unknownName: `nobody.lab:${PORT}`,
} as const;

/** A lab with a real registry behind a front that plays faults, and the manager. */
export class RegistryWorld implements AsyncDisposable {
  readonly lab: ContainersLab;
  readonly front: RegistryFront;
  readonly channel: Channel;
  readonly runtime: Client<typeof RuntimeService>;
  readonly images: Client<typeof ImageService>;
  /** Of the registries with a password and with tokens. */
  readonly push: { readonly password: PushPlace; readonly token: PushPlace };
  manager: RunningManager;

  private constructor(
    lab: ContainersLab,
    front: RegistryFront,
    push: RegistryWorld["push"],
    manager: RunningManager,
  ) {
    this.lab = lab;
    this.front = front;
    this.push = push;
    this.manager = manager;
    this.channel = new Channel(lab.socketPath);
    this.runtime = createClient(RuntimeService, this.channel);
    this.images = createClient(ImageService, this.channel);
  }

  static async start(settings: Readonly<Record<string, unknown>> = {}): Promise<RegistryWorld> {
    const authority = await Authority.create("lab");
    const stranger = await Authority.create("stranger");
    const credentials = {
      [REGISTRY.known]: good,
      [REGISTRY.mirror]: good,
      [REGISTRY.otherMirror]: good,
      [REGISTRY.token]: good,
      [REGISTRY.wrongPassword]: bad,
      [REGISTRY.wrongToken]: bad,
    };
    const names = Object.values(REGISTRY).map((one) => one.replace(/:\d+$/, ""));
    const lab = await startLab(
      { "container-registry": { credentials }, ...settings },
      [...new Set(names)].filter((name) => name !== "nobody.lab"),
    );
    try {
      await lab.writeFiles([{ path: "pki/ca-certificates.crt", mode: 0o644, text: authority.pem }]);
      const signer = await authority.server("tokens");
      const { socketPath: password } = await startSocketRegistry(lab, {
        name: "password",
        auth: { by: "password" },
      });
      const { socketPath: token } = await startSocketRegistry(lab, {
        name: "token",
        auth: { by: "token", ...TOKEN, authority: authority.pem },
      });
      const giveToken = await tokenServer(lab, signer, good);
      const front = await RegistryFront.start(lab, {
        port: PORT,
        identity: await authority.server("*.lab"),
        identities: { "stranger.lab": await stranger.server("*.lab") },
        upstream: (host, url) => {
          if (!host.includes("token.lab")) return password;
          return url.startsWith("/token") ? giveToken : token;
        },
      });
      await want(lab, {});
      const manager = await startManager(lab);
      const scope = "repository:team/app:pull,push";
      const places = {
        password: { socketPath: password, authorization: basic(good) },
        token: {
          socketPath: token,
          authorization: `Bearer ${tokenFor([scope], signer, "test")}`,
        },
      };
      return new RegistryWorld(lab, front, places, manager);
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the API server tells of a container. */
  async statusOf(name: string): Promise<WorkloadStatus | undefined> {
    const text = await readFile(this.lab.path("run/ballast/containers/state.json"), "utf8");
    return WorkloadList.parse(JSON.parse(text)).find((status) => status.name === name);
  }

  /** Waits until a step of the container has failed, and returns how it is then. */
  async failed(
    name: string,
    options: { readonly timeout: number } = SOON,
  ): Promise<WorkloadStatus> {
    await vi.waitUntil(async () => {
      const status = await this.statusOf(name);
      return status?.state === "waiting" && status.reason !== null;
    }, options);
    const status = await this.statusOf(name);
    if (status === undefined) throw new Error(`"${name}" is gone`);
    return status;
  }

  async runs(name: string, options: { readonly timeout: number } = SOON): Promise<WorkloadStatus> {
    await vi.waitUntil(async () => (await this.statusOf(name))?.state === "running", options);
    const status = await this.statusOf(name);
    if (status === undefined) throw new Error(`"${name}" is gone`);
    return status;
  }

  async restartManager(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.manager.end(signal);
    this.manager = await startManager(this.lab);
  }

  /** Takes everything away, and checks that nothing of it is left and that nobody told a secret. */
  async clear(): Promise<void> {
    await want(this.lab, {});
    await vi.waitUntil(async () => {
      const { items } = await this.runtime.listPodSandbox({});
      return items.length === 0 && (await this.statusOf("x")) === undefined;
    }, SOON);
    this.front.reset();
    await setMirrors(this.lab, {});
    await vi.waitUntil(async () => {
      const { leases, downloads, snapshots } = await this.leftovers();
      return leases.length + downloads.length + snapshots.length === 0;
    }, SOON);
    const secret = SECRETS.find((one) => this.manager.log().includes(one));
    if (secret !== undefined)
      throw new Error(`The manager told "${secret}":\n${this.manager.log()}`);
  }

  /** What containerd keeps besides images: leases, downloads that began and did not end, snapshots of containers. */
  async leftovers() {
    const lines = async (...command: string[]) =>
      (await this.lab.namespaces.run(["ctr", "-n", "k8s.io", ...command]))
        .split("\n")
        .slice(1)
        .filter(Boolean);
    return {
      leases: await lines("leases", "ls"),
      downloads: await lines("content", "active"),
      snapshots: (await lines("snapshots", "ls")).filter((line) => line.includes("Active")),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager.end("SIGTERM");
    this.channel[Symbol.dispose]();
    await this.front[Symbol.asyncDispose]();
    await this.lab[Symbol.asyncDispose]();
  }
}

function basic({ username, password }: { readonly username: string; readonly password: string }) {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
