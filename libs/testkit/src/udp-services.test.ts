import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { nameService, timeService } from "./udp-services.ts";

async function serve(service: ReturnType<typeof nameService>): Promise<number> {
  const socket = createSocket("udp4");
  onTestFinished(() => {
    socket.close();
  });
  socket.on("message", (request, from) => {
    const answer = service(request);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket.address().port;
}

it("a name server is one that a resolver understands", async () => {
  const asked: string[] = [];
  const resolver = new Resolver({ timeout: 2000 });
  const port = await serve(nameService({ "intranet.corp.test": "192.0.2.2" }, asked));
  resolver.setServers([`127.0.0.1:${port}`]);
  expect(await resolver.resolve4("intranet.corp.test")).toEqual(["192.0.2.2"]);
  await expect(resolver.resolve6("intranet.corp.test")).rejects.toMatchObject({ code: "ENODATA" });
  await expect(resolver.resolve4("nobody.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
  expect(new Set(asked)).toEqual(new Set(["intranet.corp.test", "nobody.test"]));
});

it("a time server answers clients only, with the time that it is told", () => {
  const service = timeService(3_600_000);
  const request = Buffer.alloc(48);
  request.writeUInt8(0x23, 0);
  request.write("sent now", 40, "latin1");
  const answer = service(request);
  expect(answer?.readUInt8(0)).toBe(0x24);
  expect(answer?.toString("latin1", 24, 32)).toBe("sent now");
  const seconds = (answer?.readUInt32BE(40) ?? 0) - 2_208_988_800 - 3600;
  expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(5);
  request.writeUInt8(0x24, 0);
  expect(service(request)).toBeUndefined();
});
