import type { Service } from "./wire-host.ts";

const NTP_BYTES = 48;
/** From 1900 to 1970 in seconds (RFC 5905, 6). */
const NTP_EPOCH = 2_208_988_800;

/** A time server (RFC 5905), of stratum 1, whose clock is so far ahead of this machine's. */
export function timeService(aheadMs: number): Service {
  return (request) => {
    if (request.length < NTP_BYTES || (request.readUInt8(0) & 7) !== 3) return undefined;
    const answer = Buffer.alloc(NTP_BYTES);
    // The version of the request, mode "server"; stratum, poll, precision of a microsecond.
    answer.writeUInt8((request.readUInt8(0) & 0x38) | 4, 0);
    answer.writeUInt8(1, 1);
    answer.writeUInt8(request.readUInt8(2), 2);
    answer.writeInt8(-20, 3);
    answer.write("TEST", 12, "latin1");
    const now = ntpTime(Date.now() + aheadMs);
    now.copy(answer, 16);
    // What it sent as its transmit time comes back as the origin.
    request.copy(answer, 24, 40, 48);
    now.copy(answer, 32);
    now.copy(answer, 40);
    return answer;
  };
}

function ntpTime(ms: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(Math.floor(ms / 1000) + NTP_EPOCH, 0);
  bytes.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32), 4);
  return bytes;
}

/** A name server (RFC 1035) that knows these names, with an IPv4 address each, and notes what it was asked for. */
export function nameService(addresses: Readonly<Record<string, string>>, asked: string[]): Service {
  return (request) => {
    const { name, type, end } = readQuestion(request);
    asked.push(name);
    const address = Object.hasOwn(addresses, name) ? addresses[name] : undefined;
    const hasAnswer = address !== undefined && type === 1;
    const head = Buffer.alloc(12);
    request.copy(head, 0, 0, 2);
    // An answer with recursion; "no such name" is error 3.
    head.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(hasAnswer ? 1 : 0, 6);
    const question = request.subarray(12, end);
    if (!hasAnswer) return Buffer.concat([head, question]);
    // The name as a pointer to the question, type A, class IN, for no time.
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
    return Buffer.concat([head, question, record, Buffer.from(address.split(".").map(Number))]);
  };
}

function readQuestion(request: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = request.readUInt8(at);
    at += 1;
    if (length === 0) break;
    labels.push(request.toString("latin1", at, at + length).toLowerCase());
    at += length;
  }
  return { name: labels.join("."), type: request.readUInt16BE(at), end: at + 4 };
}
