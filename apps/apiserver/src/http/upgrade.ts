import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../api-error.ts";
import type { Route } from "./route.ts";

const WEBSOCKET = { upgrade: "websocket", "sec-websocket-version": "13" } as const;
/** 16 bytes as base64 (RFC 6455, 4.1). */
const WEBSOCKET_KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/**
 * Refuses a change of the protocol where there is none. HTTP/2 alone is passed over: clients offer it with any request,
 * and a server that does not speak it answers as ever (RFC 9110, 7.8).
 */
export function checkUpgrade({ path, upgrade }: Route, headers: IncomingHttpHeaders): void {
  const offered = upgradesOf(headers).filter((protocol) => protocol !== "h2c");
  if (offered.length === 0 || upgrade !== undefined) return;
  throw new ApiError("apiserver.bad-upgrade", `Path "${path}" does not take another protocol`);
}

/**
 * The client's half of the opening handshake of a websocket (RFC 6455, 4.2.1). Only an offer by GET comes as one that can be
 * taken (`isUpgrade`).
 */
export function checkWebsocketHandshake(headers: IncomingHttpHeaders, isUpgrade: boolean): void {
  if (!isUpgrade || !upgradesOf(headers).includes("websocket"))
    throw new ApiError("apiserver.upgrade-required", "This path is only for websockets", {
      details: WEBSOCKET,
    });
  if (headers["sec-websocket-version"] !== WEBSOCKET["sec-websocket-version"])
    throw new ApiError("apiserver.upgrade-required", "The version of a websocket must be 13", {
      details: WEBSOCKET,
    });
  if (!WEBSOCKET_KEY.test(headers["sec-websocket-key"] ?? ""))
    throw new ApiError("apiserver.bad-upgrade", "Sec-WebSocket-Key must be 16 bytes as base64");
}

/** The protocols that the client would rather speak; only a `Connection: upgrade` makes them an offer. */
export function upgradesOf({ connection = "", upgrade = "" }: IncomingHttpHeaders): string[] {
  return words(connection).includes("upgrade") ? words(upgrade) : [];
}

function words(list: string): string[] {
  return list
    .toLowerCase()
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}
