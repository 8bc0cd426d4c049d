import { describe, expect, it } from "vitest";
import {
  formatArp,
  formatDatagram,
  formatFrame,
  parseArp,
  parseDatagram,
  parseFrame,
} from "./frames.ts";

/** As tcpdump shows it: who has 192.0.2.1, asked by 192.0.2.7 within VLAN 20. */
const TAGGED_ARP = Buffer.from(
  "ffffffffffff52540012345681000014080600010800060400015254001234 56c000020700000000 0000c0000201".replaceAll(
    " ",
    "",
  ),
  "hex",
);

describe("frames", () => {
  it("are read as others write them", () => {
    const frame = parseFrame(TAGGED_ARP);
    expect(frame).toMatchObject({ source: "52:54:00:12:34:56", vlan: 20, type: 0x0806 });
    expect(parseArp(frame)).toEqual({
      isReply: false,
      senderMac: "52:54:00:12:34:56",
      senderIp: "192.0.2.7",
      targetMac: "00:00:00:00:00:00",
      targetIp: "192.0.2.1",
    });
    expect(parseDatagram(frame)).toBeUndefined();
  });

  it("are written so that they are read the same, and long enough for Ethernet", () => {
    const frame = parseFrame(TAGGED_ARP);
    const arp = parseArp(frame);
    const bytes = formatFrame({
      ...frame,
      payload: arp === undefined ? frame.payload : formatArp(arp),
    });
    expect(bytes).toHaveLength(60);
    expect(bytes.subarray(0, TAGGED_ARP.length)).toEqual(TAGGED_ARP);
  });

  it("carry datagrams whatever padding follows", () => {
    const ports = { sourcePort: 1234, targetPort: 53 };
    const datagram = { sourceIp: "192.0.2.1", targetIp: "198.51.100.7", ...ports };
    const data = Buffer.from("x");
    const payload = formatDatagram({ ...datagram, data });
    const mac = "02:00:00:00:00:01";
    const sent = { destination: mac, source: mac, vlan: undefined, type: 0x0800, payload };
    expect(parseDatagram(parseFrame(formatFrame(sent)))).toEqual({ ...datagram, data });
    // The sum over a header with its sum is all ones (RFC 1071).
    const sum = Array.from({ length: 10 }, (_, at) => payload.readUInt16BE(at * 2)).reduce(
      (left, right) => left + right,
    );
    expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff);
  });
});
