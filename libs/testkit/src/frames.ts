/** An Ethernet frame with its VLAN tag (IEEE 802.1Q), if it has one. Addresses as ip(8) prints them. */
export interface Frame {
  readonly destination: string;
  readonly source: string;
  readonly vlan: number | undefined;
  readonly type: number;
  readonly payload: Buffer;
}

export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100 } as const;
export const BROADCAST = "ff:ff:ff:ff:ff:ff";
const LEAST_BYTES = 60;
const NOBODY = "00:00:00:00:00:00";

export function parseFrame(bytes: Buffer): Frame {
  const isTagged = bytes.readUInt16BE(12) === ETHER_TYPE.vlan;
  const at = isTagged ? 16 : 12;
  return {
    destination: macText(bytes, 0),
    source: macText(bytes, 6),
    vlan: isTagged ? bytes.readUInt16BE(14) & 0xfff : undefined,
    type: bytes.readUInt16BE(at),
    payload: bytes.subarray(at + 2),
  };
}

export function formatFrame(frame: Frame): Buffer {
  const tag = frame.vlan === undefined ? [] : [words(ETHER_TYPE.vlan, frame.vlan)];
  const parts = [macBytes(frame.destination), macBytes(frame.source), ...tag, words(frame.type)];
  const bytes = Buffer.concat([...parts, frame.payload]);
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, LEAST_BYTES - bytes.length))]);
}

/** ARP for IPv4 on Ethernet (RFC 826). */
export interface Arp {
  readonly isReply: boolean;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetIp: string;
  /** Not known in a request. */
  readonly targetMac?: string;
}

export function parseArp({ type, payload }: Frame): Arp | undefined {
  if (type !== ETHER_TYPE.arp || payload.length < 28) return undefined;
  return {
    isReply: payload.readUInt16BE(6) === 2,
    senderMac: macText(payload, 8),
    senderIp: ipText(payload, 14),
    targetMac: macText(payload, 18),
    targetIp: ipText(payload, 24),
  };
}

export function formatArp(arp: Arp): Buffer {
  return Buffer.concat([
    words(1, ETHER_TYPE.ipv4, 0x0604, arp.isReply ? 2 : 1),
    macBytes(arp.senderMac),
    ipBytes(arp.senderIp),
    macBytes(arp.targetMac ?? NOBODY),
    ipBytes(arp.targetIp),
  ]);
}

/** A datagram of UDP in IPv4 (RFC 768, RFC 791), not in fragments. */
export interface Datagram {
  readonly sourceIp: string;
  readonly targetIp: string;
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly data: Buffer;
}

export function parseDatagram({ type, payload }: Frame): Datagram | undefined {
  if (type !== ETHER_TYPE.ipv4 || payload.readUInt8(9) !== 17) return undefined;
  const headerBytes = (payload.readUInt8(0) & 15) * 4;
  const udp = payload.subarray(headerBytes, payload.readUInt16BE(2));
  return {
    sourceIp: ipText(payload, 12),
    targetIp: ipText(payload, 16),
    sourcePort: udp.readUInt16BE(0),
    targetPort: udp.readUInt16BE(2),
    data: udp.subarray(8),
  };
}

export function formatDatagram(datagram: Datagram): Buffer {
  const { data } = datagram;
  const ip = Buffer.concat([
    // Don't fragment; 64 hops; the sum follows.
    words(0x4500, 28 + data.length, 0, 0x4000, 0x4011, 0),
    ipBytes(datagram.sourceIp),
    ipBytes(datagram.targetIp),
  ]);
  ip.writeUInt16BE(checksum(ip), 10);
  // A sum of 0 means that there is none.
  return Buffer.concat([
    ip,
    words(datagram.sourcePort, datagram.targetPort, 8 + data.length, 0),
    data,
  ]);
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

function macText(bytes: Buffer, at: number): string {
  return [...bytes.subarray(at, at + 6)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join(":");
}

function macBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll(":", ""), "hex");
}

function ipText(bytes: Buffer, at: number): string {
  return [...bytes.subarray(at, at + 4)].join(".");
}

function ipBytes(text: string): Buffer {
  return Buffer.from(text.split(".").map(Number));
}
