import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import { route } from "./route.ts";
import { checkUpgrade, checkWebsocketHandshake } from "./upgrade.ts";

const plain = route({
  method: "GET",
  path: "/os",
  role: "reader",
  query: z.strictObject({}),
  handle: async () => ({ status: 204 }),
});
const socket = { ...plain, upgrade: "websocket" } as const;
const HANDSHAKE = {
  connection: "keep-alive, Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

function verdictOf(check: () => void): string {
  try {
    check();
    return "taken";
  } catch (error) {
    return error instanceof ApiError ? error.code : String(error);
  }
}

describe("checkUpgrade()", () => {
  it.each<[IncomingHttpHeaders, string]>([
    [{}, "taken"],
    [{ connection: "Upgrade", upgrade: "websocket" }, "apiserver.bad-upgrade"],
    [{ connection: "keep-alive, upgrade", upgrade: "foo/2" }, "apiserver.bad-upgrade"],
    [{ connection: "upgrade", upgrade: "h2c, websocket" }, "apiserver.bad-upgrade"],
    // As curl --http2 asks; and a header that is not an offer.
    [{ connection: "Upgrade, HTTP2-Settings", upgrade: "h2c" }, "taken"],
    [{ connection: "keep-alive", upgrade: "websocket" }, "taken"],
  ])("%j is %s", (headers, verdict) => {
    expect(verdictOf(() => checkUpgrade(plain, headers))).toBe(verdict);
    expect(verdictOf(() => checkUpgrade(socket, headers))).toBe("taken");
  });
});

describe("checkWebsocketHandshake()", () => {
  it.each([
    [{}, "taken"],
    [{ connection: "keep-alive" }, "apiserver.upgrade-required"],
    [{ upgrade: "h2c" }, "apiserver.upgrade-required"],
    [{ "sec-websocket-version": "8" }, "apiserver.upgrade-required"],
    [{ "sec-websocket-key": "c2hvcnQ=" }, "apiserver.bad-upgrade"],
    [{ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZR==" }, "apiserver.bad-upgrade"],
  ])("one with %j is %s", (headers, verdict) => {
    const check = (): void => checkWebsocketHandshake({ ...HANDSHAKE, ...headers }, true);
    expect(verdictOf(check)).toBe(verdict);
  });

  it("one that came by another method than GET is refused", () => {
    const check = (): void => checkWebsocketHandshake(HANDSHAKE, false);
    expect(verdictOf(check)).toBe("apiserver.upgrade-required");
  });
});
