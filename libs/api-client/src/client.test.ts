import * as fs from "node:fs";
import { createServer, type RequestListener } from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { ApplyReport, CommitReport, Health, RollbackReport, SlotsReport } from "@ballast/model";
import { describeError } from "@ballast/errors";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { parseCommitReport, parseHealth } from "./answers.ts";
import { parseRollback, parseSlots } from "./slot-answers.ts";
import {
  act,
  ApiClientError,
  ApiError,
  commitAndApply,
  createApiClient,
  getHealth,
  getSettings,
  patchKeypairs,
  safeText,
  streamLogs,
  type ApiClient,
} from "./index.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "api-client-"));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

let servers = 0;
/** A real server on a unix socket, and a client of it. */
async function serve(listener: RequestListener): Promise<ApiClient> {
  servers += 1;
  const socketPath = path.join(folder, `${servers}.sock`);
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return createApiClient({ socketPath });
}

const GET = { method: "GET", path: "/x" } as const;

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error("must fail");
    },
    (error: unknown) => error,
  );
}

describe("request()", () => {
  it("sends method, path, query and JSON, and parses the answer", async () => {
    const seen: unknown[] = [];
    const client = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        seen.push([request.method, request.url, request.headers["content-type"], body]);
        response.writeHead(204).end();
      });
    });
    await patchKeypairs(client, "a/b &c", ["motd=grüß"]);
    await act(client, "reboot");
    expect(seen).toEqual([
      [
        "PATCH",
        "/settings/keypair?tx=a%2Fb%20%26c",
        "application/json",
        '{"request_payload":["motd=grüß"]}',
      ],
      ["POST", "/actions/reboot", undefined, ""],
    ]);
  });

  it("asks for a prefix only if there is one", async () => {
    const client = await serve((request, response) => response.end(JSON.stringify(request.url)));
    expect(await getSettings(client, "")).toBe("/settings");
    expect(await getSettings(client, "network.hostname")).toBe("/settings?prefix=network.hostname");
  });

  it("turns a problem document into an ApiError with the server's code", async () => {
    const client = await serve((_request, response) =>
      response.writeHead(400, { "content-type": "application/problem+json; charset=utf-8" }).end(
        JSON.stringify({
          type: "urn:ballast:error:apiserver.bad-settings",
          title: "Bad settings",
          status: 400,
          detail: 'Cannot set settings: "motd\u001b[2J" is bad',
          hint: "Look.",
        }),
      ),
    );
    const error = await failure(commitAndApply(client, "t"));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 400,
      code: "apiserver.bad-settings",
      exitCode: 65,
      details: { status: 400 },
    });
    expect(describeError(error)).toBe('Cannot set settings: "motd\\x1b[2J" is bad\nLook.');
  });

  it.each([
    [403, 77],
    [409, 75],
    [404, 1],
    [503, 69],
    [500, 1],
  ])("status %i without a problem document ends with %i", async (status, exitCode) => {
    const client = await serve((_request, response) => response.writeHead(status).end("<html>"));
    const error = await failure(client.request(GET));
    expect(error).toMatchObject({ status, code: `http.${status}`, exitCode });
    expect(describeError(error)).toBe(`Cannot GET /x: the server answered ${status}`);
  });

  it("says so if nobody listens", async () => {
    const client = createApiClient({ socketPath: path.join(folder, "none.sock") });
    const error = await failure(client.request(GET));
    expect(error).toMatchObject({ code: "api-client.unreachable", exitCode: 69 });
    expect(describeError(error)).toContain("Is this a Ballast machine?");
  });

  it("gives up after the time, wherever the server hangs", async () => {
    const silent = await serve(() => undefined);
    const halfway = await serve((_request, response) => {
      response.writeHead(200).write("{");
    });
    for (const client of [silent, halfway]) {
      const error = await failure(client.request(GET, { timeoutMs: 100 }));
      expect(error).toMatchObject({ code: "api-client.timeout" });
      expect(describeError(error)).toContain("Cannot GET /x: ");
      expect(describeError(error)).toContain("gave no answer in 0.1 s");
    }
  });

  it("stops with the reason of the signal", async () => {
    const client = await serve(() => undefined);
    const stop = new AbortController();
    const running = client.request(GET, { signal: stop.signal });
    setTimeout(() => {
      stop.abort(new Error("enough"));
    }, 50);
    await expect(running).rejects.toThrow("enough");
    await expect(client.request(GET, { signal: stop.signal })).rejects.toThrow("enough");
  });

  it("refuses an answer that is cut off, no JSON, or endless", async () => {
    const cut = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 10 }).write("{}");
      setTimeout(() => response.destroy(), 20);
    });
    const noJson = await serve((_request, response) => response.end("hello secret"));
    const endless = await serve((_request, response) => {
      const write = (): void => {
        while (response.write(Buffer.alloc(1024 * 1024, 32)));
        response.once("drain", write);
      };
      write();
    });
    for (const client of [cut, noJson, endless]) {
      const error = await failure(client.request(GET));
      expect(error).toBeInstanceOf(ApiClientError);
      expect(error).toMatchObject({ code: "api-client.bad-answer" });
      expect(describeError(error)).not.toContain("secret");
    }
  });
});

describe("getHealth()", () => {
  it("takes 503 with JSON as an answer, and as a problem for a refusal", async () => {
    const body = { status: "degraded", checks: [{ name: "units", status: "failed", reason: "x" }] };
    const degraded = await serve((_request, response) =>
      response.writeHead(503, { "content-type": "application/json" }).end(JSON.stringify(body)),
    );
    expect(await getHealth(degraded)).toEqual(body);
    const busy = await serve((_request, response) =>
      response
        .writeHead(503, { "content-type": "application/problem+json" })
        .end(JSON.stringify({ type: "urn:ballast:error:busy", detail: "Too busy" })),
    );
    await expect(getHealth(busy)).rejects.toMatchObject({ code: "busy", status: 503 });
  });
});

describe("streamLogs()", () => {
  it("gives lines as they come, across chunks and characters", async () => {
    const bytes = Buffer.from('{"a":"ü"}\n\n{"b":1}\n{"c":2}');
    const client = await serve((request, response) => {
      expect(request.url).toBe("/logs?follow=true&unit=x.service&lines=5");
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    const lines: string[] = [];
    for await (const line of streamLogs(client, { follow: true, unit: "x.service", lines: 5 }))
      lines.push(line);
    expect(lines).toEqual(['{"a":"ü"}', '{"b":1}', '{"c":2}']);
  });

  it("hangs up when the reader stops, and ends with the signal's reason", async () => {
    let closed = 0;
    const client = await serve((_request, response) => {
      response.write("{}\n");
      response.on("close", () => (closed += 1));
    });
    for await (const line of streamLogs(client, {})) {
      expect(line).toBe("{}");
      break;
    }
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for await (const _ of streamLogs(client, {}, { signal: stop.signal }))
        stop.abort(new Error("enough"));
    };
    await expect(read()).rejects.toThrow("enough");
    await expect.poll(() => closed).toBe(2);
  });

  it("turns a refusal into an ApiError", async () => {
    const client = await serve((_request, response) => response.writeHead(403).end());
    await expect(streamLogs(client, {}).next()).rejects.toMatchObject({ status: 403 });
  });
});

describe("answers", () => {
  const service = { name: "motd", action: "rendered", status: "failed", reason: "no room" };
  const report = {
    changed: ["settings.motd"],
    services: [service, { ...service, reason: undefined }],
  };
  const health = {
    status: "starting",
    checks: [
      { name: "units", status: "waiting" },
      { name: "certificates", status: "warning", reason: "has ended" },
    ],
  };
  const slot = {
    priority: 1,
    tries_left: 7,
    successful: true,
    qualifies: true,
    root_hash: "ab",
    state: "active",
  };
  const slotFailure = {
    slot: "B",
    root_hash: "cd",
    at: "2026-05-01T12:00:00Z",
    reason: "why",
    unmet: [{ name: "units", reason: "x" }],
    kernel_log: "words",
  };
  const slots = {
    disk: "/dev/vda",
    active: "A",
    next: "A",
    conflict: null,
    trial: false,
    slots: { A: slot, B: { ...slot, state: "failed" } },
    copies: {
      primary: { state: "valid", trusted: true, fault: null },
      backup: { state: "damaged", trusted: false, fault: "bad" },
    },
    last_failure: slotFailure,
  };
  const rollback = { next: "B", rebooting: false };

  it("are read as the schemas of the model read them", () => {
    expect(parseCommitReport(report)).toEqual(CommitReport.parse(report));
    expect(parseHealth(health)).toEqual(Health.parse(health));
    expect(parseSlots(slots)).toEqual(SlotsReport.parse(slots));
    const unknown = { ...slots, active: null, conflict: "why", last_failure: null };
    expect(parseSlots(unknown)).toEqual(SlotsReport.parse(unknown));
    expect(parseRollback(rollback)).toEqual(RollbackReport.parse(rollback));
  });

  it.each([
    ["commit report", { ...report, changed: "x" }, CommitReport, parseCommitReport],
    ["commit report", { services: [] }, CommitReport, parseCommitReport],
    [
      "commit report",
      { ...report, services: [{ ...service, status: "fine" }] },
      CommitReport,
      parseCommitReport,
    ],
    [
      "commit report",
      { ...report, services: [{ ...service, action: 1 }] },
      CommitReport,
      parseCommitReport,
    ],
    ["commit report", [], ApplyReport, parseCommitReport],
    ["health", { ...health, status: "ok" }, Health, parseHealth],
    ["health", { status: "healthy" }, Health, parseHealth],
    [
      "health",
      { ...health, checks: [{ name: "x", status: "ok", reason: 1 }] },
      Health,
      parseHealth,
    ],
    ["slots", { ...slots, next: null }, SlotsReport, parseSlots],
    ["slots", { ...slots, active: "C" }, SlotsReport, parseSlots],
    ["slots", { ...slots, trial: 1 }, SlotsReport, parseSlots],
    ["slots", { ...slots, slots: { A: slot } }, SlotsReport, parseSlots],
    ["slots", { ...slots, last_failure: {} }, SlotsReport, parseSlots],
    ["slots", { ...slots, last_failure: { ...slotFailure, unmet: [1] } }, SlotsReport, parseSlots],
    ["slots", { ...slots, copies: { primary: slots.copies.primary } }, SlotsReport, parseSlots],
    [
      "slots",
      { ...slots, slots: { A: { ...slot, priority: "1" }, B: slot } },
      SlotsReport,
      parseSlots,
    ],
    ["rollback", { next: "B" }, RollbackReport, parseRollback],
    ["rollback", { next: "x", rebooting: true }, RollbackReport, parseRollback],
  ])("refuse a wrong %s, as the schema does", (_what, body, schema, parse) => {
    expect(schema.safeParse(body).success).toBe(false);
    expect(() => parse(body)).toThrow(ApiClientError);
  });
});

describe("safeText()", () => {
  it("shows what would steer a terminal", () => {
    expect(safeText("a\u001b[31m\u0007\u009b\u202eb\n\tc")).toBe(
      "a\\x1b[31m\\x07\\x9b\\u202eb\n\tc",
    );
  });
});
