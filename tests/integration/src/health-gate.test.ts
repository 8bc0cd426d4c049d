import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startMachine } from "./machine.ts";

const UNIT = join(
  import.meta.dirname,
  "../../../apps/signpost/systemd/mark-successful-boot.service",
);

/** What systemd runs before the slot is marked; if it fails, the mark is not made. */
function gate(): string[] {
  const command = /^ExecStartPre=\/usr\/bin\/apiclient (.*)$/m.exec(
    readFileSync(UNIT, "utf8"),
  )?.[1];
  if (command === undefined) throw new Error("The unit asks nobody for health");
  return command.split(" ");
}

/** The same question with a shorter patience. */
function impatientGate(): string[] {
  return gate().map((word) => (/^\d+$/.test(word) ? "2" : word));
}

it("the unit that marks the slot goes no further while a service is not applied", async () => {
  await using machine = await startMachine({ "fail-restart": "" });
  expect(await machine.configure()).toBe(0);
  const refused = await machine.client(impatientGate());
  expect([refused.exitCode, refused.stdout]).toEqual([
    1,
    expect.stringContaining("Job for hostname.service failed"),
  ]);
  const waiting = machine.client(gate());
  machine.remove("fail-restart");
  await machine.call("POST", "/tx/apply");
  expect((await waiting).exitCode).toBe(0);
});

it("nor while a check of the user fails, and it leaves in the journal which", async () => {
  await using machine = await startMachine();
  expect(await machine.configure()).toBe(0);
  await machine.set({ health: { web: { tcp: "127.0.0.1:1" } } });
  const refused = await machine.client(impatientGate());
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/Waiting for health check=health\.web status=failed reason=/);
  expect(refused.stderr.split("\n")).toHaveLength(1);
});

it("nor while the machine is not configured or no server is there", async () => {
  await using machine = await startMachine();
  expect((await machine.client(impatientGate())).exitCode).toBe(75);
  await machine.stop();
  expect((await machine.client(impatientGate())).exitCode).toBe(69);
});
