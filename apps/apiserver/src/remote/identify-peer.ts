import type { X509Certificate } from "node:crypto";
import type { Identity } from "../http/handle-request.ts";
import { peerRole } from "./peer-role.ts";
import type { Peer } from "./remote-listener.ts";

/** A timer cannot wait longer; whoever streams for longer has to connect again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Who the client of a TLS connection is; throws if its certificate gives no role. */
export function identifyPeer({ certificate, isRevoked, ends }: Peer, nowMs: number): Identity {
  const role = peerRole(certificate, isRevoked, nowMs);
  return {
    caller: {
      kind: "remote",
      role,
      subject: certificate?.subject.replaceAll("\n", ",") ?? "",
      serial: certificate?.serialNumber ?? "",
    },
    ends: () => AbortSignal.any([ends, expiry(certificate, nowMs)]),
  };
}

function expiry(certificate: X509Certificate | undefined, nowMs: number): AbortSignal {
  const leftMs = (certificate?.validToDate.getTime() ?? nowMs) - nowMs;
  return AbortSignal.timeout(Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS));
}
