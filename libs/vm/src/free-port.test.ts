import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, it } from "vitest";
import { portOrAny } from "./free-port.ts";

it("portOrAny() gives 0 for a port in use and the port itself once it is free", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  await expect(portOrAny(port)).resolves.toBe(0);
  server.close();
  await once(server, "close");
  await expect(portOrAny(port)).resolves.toBe(port);
});
