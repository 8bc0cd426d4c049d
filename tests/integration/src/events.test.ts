import { request } from "node:http";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { EVENTS, type EventName } from "@ballast/model";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startMachine, unitsJson, type Machine } from "./machine.ts";
import { Trust } from "./remote-machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine();
  await machine.configure();
});
afterAll(async () => {
  await machine[Symbol.asyncDispose]();
});

/** A listener on the local socket, and what it was told. */
async function listen() {
  const call = request({ socketPath: machine.socket, path: "/events" });
  const answered: Promise<IncomingMessage[]> = once(call, "response");
  call.end();
  const [answer] = await answered;
  if (answer === undefined) throw new Error("There is no answer");
  let text = "";
  answer.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  answer.on("error", () => undefined);
  onTestFinished(() => {
    call.destroy();
  });
  const events = (): [string, unknown][] =>
    [...text.matchAll(/event: (\w+)\ndata: (.+)\n\n/g)].map(([, name = "", data = ""]) => [
      name,
      JSON.parse(data),
    ]);
  return { answer, call, events, text: () => text };
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENTS, name);
}

describe("GET /events", () => {
  it("tells commits, what was applied, health and slots, as the schemas say", async () => {
    const { answer, events, text } = await listen();
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    await machine.set({ motd: "Never-In-An-Event" });
    machine.write(
      "units.json",
      unitsJson({ "containerd.service": "active", "x.service": "failed" }),
    );
    await machine.call("GET", "/slots");
    await machine.until(() =>
      ["settings", "apply", "slots", "health"].every((name) => text().includes(`event: ${name}`)),
    );
    for (const [name, data] of events()) {
      if (!isEventName(name)) throw new Error(`There is no event "${name}"`);
      expect(EVENTS[name].safeParse(data).error).toBeUndefined();
    }
    const told = new Map(events());
    expect(told.get("settings")).toMatchObject({ who: "local", keys: ["settings.motd"] });
    expect(told.get("apply")).toMatchObject({ services: [{ name: "motd", status: "ok" }] });
    expect(told.get("health")).toMatchObject({ status: "degraded" });
    const etag = (await machine.call("GET", "/settings")).headers.etag;
    expect(told.get("settings")).toMatchObject({ etag });
    expect(text()).not.toContain("Never-In-An-Event");
  });

  it("takes a bounded number of listeners, and others when those have gone", async () => {
    const listeners = await Promise.all(Array.from({ length: 32 }, listen));
    await expect.poll(async () => (await machine.call("GET", "/events")).status).toBe(503);
    for (const { call } of listeners) call.destroy();
    await expect.poll(async () => (await listen()).answer.statusCode).toBe(200);
  });

  it("answers HEAD without an end of its own", async () => {
    const reply = await machine.call("HEAD", "/events");
    expect([reply.status, reply.headers["content-type"]]).toEqual([200, "text/event-stream"]);
  });

  it("ends with the server; the client comes back when it does", async () => {
    await using other = await startMachine();
    const client = other.client(["watch", "--json"]);
    let told = "";
    client.stdout.on("data", (chunk: Buffer) => {
      told += chunk.toString();
    });
    await other.until(() => told.includes('"event":"ready"'));
    await other.set({ motd: "x" });
    await other.until(() => told.includes('{"event":"settings"'));
    expect(await other.stop()).toBe(0);
    await other.start();
    await other.until(() => told.split('"event":"ready"').length === 3);
    await other.set({ motd: "y" });
    await other.until(() => told.split('{"event":"settings"').length === 3);
    client.kill("SIGINT");
    expect((await client).exitCode).toBe(130);
  });

  it("is for readers over TLS, until their certificate ends", async () => {
    const trust = await Trust.create();
    const remote = await trust.start();
    await using _ = remote.machine;
    const notAfter = new Date(Date.now() + 3000);
    const identity = await trust.authority.client({ uris: ["ballast:role:reader"], notAfter });
    // Whole seconds in a certificate: it may end up to one second before.
    const reply = await trust.call(remote.port, { identity }, "GET", "/events");
    expect(reply.text).toContain("event: ready");
    expect(Date.now()).toBeLessThan(notAfter.getTime() + 2000);
  });
});
