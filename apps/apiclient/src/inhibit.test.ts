import { expect, it } from "vitest";
import { playedApi } from "./played-api.fixture.ts";
import { apiclient } from "./test-process.ts";

const api = playedApi();
const { env } = api;
const PATH = "/updates/inhibitors";

it("holds off restarts, and lets go", async () => {
  api.replies = { [`PUT ${PATH}`]: { status: 204 }, [`DELETE ${PATH}`]: { status: 204 } };
  const args = ["update", "inhibit", "backup", "--why", "a backup runs", "--for", "2h"];
  const held = await apiclient(args, { env });
  expect(held).toMatchObject({ status: 0, stderr: "", stdout: expect.stringContaining("120 min") });
  expect(JSON.parse(api.seen[0]?.body ?? "")).toEqual({ why: "a backup runs", for_minutes: 120 });
  expect((await apiclient(["update", "release", "backup"], { env })).status).toBe(0);
  expect(api.lines()).toEqual([`PUT ${PATH}?name=backup`, `DELETE ${PATH}?name=backup`]);
});

it("a restart says who objects and is asked for all the same", async () => {
  const backup = { who: "backup", why: "it runs", until: "2026-11-24T12:00:00Z" };
  api.replies = {
    [`GET ${PATH}`]: { status: 200, body: [backup] },
    "POST /actions/reboot": { status: 204 },
  };
  expect(await apiclient(["reboot"], { env })).toEqual({
    status: 0,
    stdout: "",
    stderr: "backup objects until 2026-11-24T12:00:00Z: it runs\n",
  });
  expect(api.lines()).toEqual([`GET ${PATH}`, "GET /updates/status", "POST /actions/reboot"]);
});

it("a machine that does not know objections is restarted", async () => {
  api.replies = { "POST /actions/reboot": { status: 204 } };
  expect(await apiclient(["reboot"], { env })).toEqual({ status: 0, stdout: "", stderr: "" });
});
