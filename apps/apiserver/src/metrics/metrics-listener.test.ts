import { createServer, get, type Server } from "node:http";
import { createLog } from "@ballast/service";
import { afterEach, describe, expect, it } from "vitest";
import { createMetricsListener } from "./metrics-listener.ts";

const log = createLog({ write: () => undefined, journal: false });
const listener = createMetricsListener((_request, response) => response.end("figures"), log);

afterEach(async () => listener.close());

async function freePort(): Promise<number> {
  const server = await occupy(0);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port");
  return address.port;
}

function occupy(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, () => resolve(server));
  });
}

function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host, port, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

describe("the listener for metrics", () => {
  it("is there while it is enabled, and says whether it did anything", async () => {
    const port = await freePort();
    const place = { address: "127.0.0.1", port };
    expect(await listener.apply({ enabled: false, ...place })).toBe(false);
    expect(await listener.apply({ enabled: true, ...place })).toBe(true);
    expect(await ask("127.0.0.1", port)).toBe("figures");
    expect(await listener.apply({ enabled: true, ...place })).toBe(false);
    expect(await listener.apply({ enabled: false, ...place })).toBe(true);
    await expect(ask("127.0.0.1", port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("moves from one address to all of them on the same port", async () => {
    const port = await freePort();
    await listener.apply({ enabled: true, address: "127.0.0.1", port });
    await listener.apply({ enabled: true, address: "0.0.0.0", port });
    expect(await ask("127.0.0.2", port)).toBe("figures");
  });

  it("stays where it is when the new place cannot be had", async () => {
    const port = await freePort();
    const taken = await occupy(0);
    const takenPort = portOf(taken);
    await listener.apply({ enabled: true, address: "127.0.0.1", port });
    for (const place of [
      { address: "127.0.0.1", port: takenPort },
      { address: "192.0.2.7", port },
    ])
      await expect(listener.apply({ enabled: true, ...place })).rejects.toThrowError(
        `Cannot serve metrics on port ${place.port} of ${place.address}`,
      );
    expect(await ask("127.0.0.1", port)).toBe("figures");
    taken.close();
  });
});
