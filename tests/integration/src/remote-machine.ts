import { Agent } from "node:https";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { createServer } from "node:net";
import { once } from "node:events";
import { CommitReport } from "@ballast/model";
import { Authority, type Identity } from "./certificates.ts";
import { httpCall, type Reply, type Sent } from "./http-call.ts";
import { startMachine, type Machine } from "./machine.ts";

/** How a refused handshake looks depends on who notices first. */
export const NO_CONNECTION = /alert|ECONNRESET|EPIPE|hang up|disconnected/;
export const ROLES = ["reader", "operator", "admin"] as const;
type Role = (typeof ROLES)[number];

export interface Way {
  readonly identity?: Identity | undefined;
  readonly host?: string;
  readonly agent?: Agent;
  readonly maxVersion?: "TLSv1.2";
}

/** Two authorities, one of which machines trust, and a client of each role. */
export class Trust {
  readonly authority: Authority;
  readonly stranger: Authority;
  readonly server: Identity;
  readonly #clients: ReadonlyMap<Role, Identity>;

  private constructor(
    authority: Authority,
    stranger: Authority,
    server: Identity,
    clients: ReadonlyMap<Role, Identity>,
  ) {
    this.authority = authority;
    this.stranger = stranger;
    this.server = server;
    this.#clients = clients;
  }

  static async create(): Promise<Trust> {
    const [authority, stranger] = await Promise.all([
      Authority.create("ours"),
      Authority.create("theirs"),
    ]);
    const clients = new Map<Role, Identity>();
    for (const role of ROLES)
      clients.set(role, await authority.client({ uris: [`ballast:role:${role}`] }));
    return new Trust(authority, stranger, await authority.server(), clients);
  }

  as(role: Role): Way {
    return { identity: this.#clients.get(role) };
  }

  /** What turns the remote API on. */
  settings(port: number, changes: Readonly<Record<string, unknown>> = {}): unknown {
    const remote = {
      enabled: true,
      port,
      "ca-certificate": this.authority.pem,
      "server-certificate": this.server.cert,
      "server-key": this.server.key,
      ...changes,
    };
    return { api: { remote } };
  }

  /** A machine and the port of its remote API. */
  async start(): Promise<{ machine: Machine; port: number }> {
    const machine = await startMachine();
    try {
      const port = await freePort();
      const { services } = CommitReport.parse((await machine.set(this.settings(port))).json);
      if (services[0]?.name !== "api-remote" || services[0].status !== "ok")
        throw new Error(`The remote API is not on: ${JSON.stringify(services)}`);
      return { machine, port };
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  call(port: number, way: Way, method: string, path: string, sent?: Sent): Promise<Reply> {
    const { identity, host = "localhost", ...rest } = way;
    const target = {
      host,
      port,
      ca: this.authority.pem,
      servername: "localhost",
      ...identity,
      ...rest,
    };
    return httpCall(target, method, path, sent);
  }

  /** A connection of an admin without any request. */
  connect(port: number, options: ConnectionOptions = {}): TLSSocket {
    return connectTls({
      host: "localhost",
      port,
      servername: "localhost",
      ca: this.authority.pem,
      ...this.#clients.get("admin"),
      ...options,
    });
  }
}

/** One connection that is kept. */
export class AgentUntilDisposed extends Agent implements Disposable {
  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "::");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
