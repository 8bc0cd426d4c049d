import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createTrust } from "./trust.ts";
import { userCheck, type UserCheck } from "./user-check.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

function listen(server: Server): Promise<number> {
  open.push(server);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
}

async function httpAnswers(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(answer))}/ready?key=secret`;
}

/** No authority at all, unless the test trusts one. */
function check(settings: Omit<UserCheck, "timeout-seconds">, timeoutSeconds = 1, authorities = "") {
  const entry = { "timeout-seconds": timeoutSeconds, ...settings };
  const trust = createTrust(async () => authorities);
  return userCheck("web", entry, { units: Promise.resolve([]), trust });
}

const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end("body");

describe("a check by HTTP", () => {
  it.each([
    [200, undefined, undefined],
    [204, undefined, undefined],
    [404, undefined, "answered 404, must be 2xx"],
    [404, 404, undefined],
    [200, 204, "answered 200, must be 204"],
  ])("answered %i, expecting %j", async (code, expected, reason) => {
    const http = await httpAnswers(status(code));
    const { status: verdict, reason: told } = await check({
      http,
      ...(expected === undefined ? {} : { "expect-status": expected }),
    });
    expect(verdict).toBe(reason === undefined ? "ok" : "failed");
    expect(told ?? "").toContain(reason ?? "");
    expect(told ?? "").not.toContain("secret");
  });

  it("does not follow a redirect", async () => {
    let asked = 0;
    const http = await httpAnswers((request, response) => {
      asked += 1;
      status(302, { location: request.url ?? "/" })(request, response);
    });
    expect(await check({ http })).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/ready answered 302, must be 2xx$/),
    });
    expect(asked).toBe(1);
  });

  it("does not wait for the end of the body", async () => {
    const http = await httpAnswers((_request, response) => {
      response.writeHead(200).write("and so on");
    });
    expect((await check({ http })).status).toBe("ok");
  });

  it("does not wait longer than it may", async () => {
    const http = await httpAnswers(() => undefined);
    const startMs = performance.now();
    expect((await check({ http })).reason).toContain("no answer in 1 s");
    expect(performance.now() - startMs).toBeLessThan(3000);
  });

  it("fails when the connection is refused, cut, or no HTTP", async () => {
    const port = await listen(createTcpServer((socket) => socket.end("nonsense\n\n")));
    expect((await check({ http: `http://127.0.0.1:${port}/` })).status).toBe("failed");
    const cut = await listen(createTcpServer((socket) => socket.destroy()));
    expect((await check({ http: `http://127.0.0.1:${cut}/` })).status).toBe("failed");
    expect((await check({ http: "http://127.0.0.1:1/" })).reason).toContain("ECONNREFUSED");
    expect((await check({ http: `https://127.0.0.1:${port}/` })).status).toBe("failed");
  });
});

describe("a check by TCP", () => {
  it("is met by a connection, which it closes", async () => {
    const closed = Promise.withResolvers<undefined>();
    const server = createTcpServer((socket) => {
      socket.resume();
      socket.on("close", () => {
        closed.resolve(undefined);
      });
    });
    expect(await check({ tcp: `127.0.0.1:${await listen(server)}` })).toEqual({
      name: "health.web",
      status: "ok",
    });
    await closed.promise;
  });

  it("fails when nobody listens", async () => {
    expect((await check({ tcp: "127.0.0.1:1" })).reason).toMatch(/^127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});

it("a check without a target fails and says so", async () => {
  expect(await check({})).toMatchObject({
    status: "failed",
    reason: expect.stringContaining("nothing to look at"),
  });
});
