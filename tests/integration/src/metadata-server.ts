import { once } from "node:events";
import { createServer } from "node:http";

/** What lies at a path of the metadata service; a number is a status. */
export type Metadata = Readonly<Record<string, string | Buffer | number>>;

/** The metadata service of EC2 on a port of this host, version 2 only. */
export class MetadataServer implements AsyncDisposable {
  readonly #server = createServer();
  readonly #token = "AQAEAtest==";
  metadata: Metadata;
  connections = 0;
  /** Requests without a good token, besides those for a token. */
  unauthorized = 0;

  private constructor(metadata: Metadata) {
    this.metadata = metadata;
    this.#server.on("connection", () => {
      this.connections += 1;
    });
    this.#server.on("request", ({ method, url = "", headers }, response) => {
      const isToken = method === "PUT" && url === "/latest/api/token";
      const isAllowed = isToken || headers["x-aws-ec2-metadata-token"] === this.#token;
      if (!isAllowed) this.unauthorized += 1;
      const answer = isAllowed ? (this.metadata[url] ?? (isToken ? this.#token : 404)) : 401;
      if (typeof answer !== "number") response.end(answer);
      else response.writeHead(answer, { location: "http://127.0.0.1:9/" }).end("refused");
    });
  }

  static async start(metadata: Metadata = {}): Promise<MetadataServer> {
    const server = new MetadataServer(metadata);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  /** The option that leads `apiserver configure` here. */
  get option(): string[] {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("It does not listen");
    return ["--metadata-port", String(address.port)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await this.#server[Symbol.asyncDispose]();
  }
}
