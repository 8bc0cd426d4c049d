import { once } from "node:events";
import { createServer } from "node:https";
import { expect, it } from "vitest";
import * as z from "zod";
import { Authority } from "./certificates.ts";
import { startMachine, type Machine } from "./machine.ts";

const Health = z.object({
  checks: z.array(
    z.object({ name: z.string(), status: z.string(), reason: z.string().optional() }),
  ),
});

async function webCheck(machine: Machine) {
  const { text } = await machine.call("GET", "/health");
  return Health.parse(JSON.parse(text)).checks.find(({ name }) => name === "health.web");
}

it("a check by https believes the authorities of settings.pki, as long as they are set", async () => {
  await using machine = await startMachine();
  const authority = await Authority.create("corp");
  const { cert, key } = await authority.server();
  const server = createServer({ cert, key }, (_request, response) => response.end());
  server.listen(0, "localhost");
  await once(server, "listening");
  try {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await machine.set({ health: { web: { http: `https://localhost:${port}/` } } });
    await machine.call("POST", "/tx/apply");
    expect(await webCheck(machine)).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/certificate/),
    });
    await machine.set({ pki: { corp: { data: authority.pem, trusted: true } } });
    expect(await webCheck(machine)).toEqual({ name: "health.web", status: "ok" });
    await machine.set({ pki: { corp: null } });
    expect(await webCheck(machine)).toMatchObject({ status: "failed" });
  } finally {
    server.close();
  }
});
