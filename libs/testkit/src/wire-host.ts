import { setTimeout as sleep } from "node:timers/promises";
import {
  BROADCAST,
  ETHER_TYPE,
  formatArp,
  formatDatagram,
  parseArp,
  parseDatagram,
  type Datagram,
  type Frame,
} from "./frames.ts";
import type { Wire } from "./wire.ts";

/** Answers a datagram, or does not. */
export type Service = (request: Buffer) => Buffer | undefined;

export interface WireHostOptions {
  readonly mac: string;
  readonly ip: string;
  /** VLAN in which the host is; without one its frames have no tag. */
  readonly vlan?: number;
  /** By port of UDP. */
  readonly services?: Readonly<Record<number, Service>>;
}

const PAUSE_MS = 250;

/** A host that a test plays on a wire: it tells its address (ARP), asks for those of others and answers datagrams. */
export class WireHost {
  /** What came for its address. */
  readonly received: Datagram[] = [];
  readonly #wire: Wire;
  readonly #options: WireHostOptions;
  readonly #known = new Map<string, string>();

  constructor(wire: Wire, options: WireHostOptions) {
    this.#wire = wire;
    this.#options = options;
    wire.listen((frame) => {
      if (frame.vlan === options.vlan) this.#take(frame);
    });
  }

  /** Asks who has this address until somebody says so; gives the hardware address, undefined if nobody does in time. */
  async macOf(ip: string, limitMs: number): Promise<string | undefined> {
    this.#known.delete(ip);
    const endMs = performance.now() + limitMs;
    while (performance.now() < endMs) {
      const { mac: senderMac, ip: senderIp } = this.#options;
      const request = formatArp({ isReply: false, senderMac, senderIp, targetIp: ip });
      this.#send(BROADCAST, ETHER_TYPE.arp, request);
      await sleep(PAUSE_MS);
      const mac = this.#known.get(ip);
      if (mac !== undefined) return mac;
    }
    return undefined;
  }

  /** Sends a datagram by way of the machine with this hardware address. */
  send(via: string, datagram: Omit<Datagram, "sourceIp">): void {
    const { ip: sourceIp } = this.#options;
    this.#send(via, ETHER_TYPE.ipv4, formatDatagram({ ...datagram, sourceIp }));
  }

  #take(frame: Frame): void {
    const arp = parseArp(frame);
    if (arp?.isReply === true) this.#known.set(arp.senderIp, arp.senderMac);
    else if (arp?.targetIp === this.#options.ip) this.#tellAddress(arp.senderMac, arp.senderIp);
    const datagram = parseDatagram(frame);
    if (datagram?.targetIp === this.#options.ip) this.#serve(frame.source, datagram);
  }

  #tellAddress(targetMac: string, targetIp: string): void {
    const { mac: senderMac, ip: senderIp } = this.#options;
    const reply = formatArp({ isReply: true, senderMac, senderIp, targetMac, targetIp });
    this.#send(targetMac, ETHER_TYPE.arp, reply);
  }

  #serve(via: string, request: Datagram): void {
    this.received.push(request);
    const data = this.#options.services?.[request.targetPort]?.(request.data);
    if (data === undefined) return;
    const { sourceIp: targetIp, sourcePort: targetPort, targetPort: sourcePort } = request;
    this.send(via, { targetIp, targetPort, sourcePort, data });
  }

  #send(destination: string, type: number, payload: Buffer): void {
    const { mac: source, vlan } = this.#options;
    this.#wire.send({ destination, source, vlan, type, payload });
  }
}
