import { expect, it } from "vitest";
import { httpCall } from "./http-call.ts";
import { startMachine } from "./machine.ts";
import { freePort } from "./remote-machine.ts";

it("serves metrics to whoever comes, while the settings say so, and nothing else", async () => {
  await using machine = await startMachine();
  const port = await freePort();
  const ask = (method: string, path: string) =>
    httpCall({ protocol: "http:", host: "127.0.0.1", port }, method, path, {});
  const on = await machine.set({ metrics: { enabled: true, port } });
  expect(on.json).toMatchObject({ services: [{ name: "metrics", status: "ok" }] });
  const reply = await ask("GET", "/metrics");
  expect(reply.status).toBe(200);
  expect(reply.text).toContain("ballast_os_info");
  for (const path of ["/", "/settings", "/os", "/health", "/openapi.json", "/logs", "/events"])
    expect((await ask("GET", path)).status).toBe(404);
  expect((await ask("POST", "/metrics")).status).toBe(405);
  expect((await ask("POST", "/actions/reboot")).status).toBe(404);
  expect((await ask("PATCH", "/settings")).status).toBe(404);

  const wrong = await machine.set({ metrics: { address: "192.0.2.7" } });
  expect(wrong.json).toMatchObject({
    services: [{ name: "metrics", status: "failed", reason: expect.stringContaining("192.0.2.7") }],
  });
  expect((await ask("GET", "/metrics")).status, "the former listener goes on").toBe(200);
  await machine.set({ metrics: { enabled: false } });
  await expect(ask("GET", "/metrics")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
