import { BlockList } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectiveSettings } from "../../effective.ts";
import { flatten } from "../../keys.ts";
import { affectedServices, renderService } from "../../services.ts";
import { planSubnet, Subnet } from "./subnet.ts";

/** What is rendered when the subnet changes, by path. */
function rendered(subnet?: string): Map<string, string> {
  const settings = subnet === undefined ? {} : { "container-runtime": { subnet } };
  const files = affectedServices(["container-runtime.subnet"]).flatMap((entry) =>
    renderService(entry, effectiveSettings(flatten(settings))),
  );
  return new Map(files.map(({ path, text }) => [path, text]));
}

const subnets = fc
  .tuple(fc.integer({ min: 16, max: 24 }), fc.nat({ max: 0xff_ff_ff }))
  .map(([prefixLength, address]) => {
    const size = 2 ** (32 - prefixLength);
    const first = 10 * 2 ** 24 + Math.floor(address / size) * size;
    const bytes = [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256);
    return `${bytes.join(".")}/${prefixLength}`;
  });

describe("planSubnet()", () => {
  it("gives each address to one, and those of the last sixteenth to whom may ask link-local ones", () => {
    expect(planSubnet("10.88.0.0/16")).toEqual({
      gateway: "10.88.0.1",
      ordinary: { start: "10.88.0.2", end: "10.88.239.255" },
      linkLocal: { start: "10.88.240.0", end: "10.88.255.254" },
      linkLocalNetwork: "10.88.240.0/20",
    });
    expect(planSubnet("172.30.7.0/24")).toEqual({
      gateway: "172.30.7.1",
      ordinary: { start: "172.30.7.2", end: "172.30.7.239" },
      linkLocal: { start: "172.30.7.240", end: "172.30.7.254" },
      linkLocalNetwork: "172.30.7.240/28",
    });
    fc.assert(
      fc.property(subnets, (subnet) => {
        expect(Subnet.safeParse(subnet).success).toBe(true);
        const { gateway, ordinary, linkLocal, linkLocalNetwork } = planSubnet(subnet);
        const list = (text: string) => {
          const [ip = "", bits] = text.split("/");
          const addresses = new BlockList();
          addresses.addSubnet(ip, Number(bits), "ipv4");
          return addresses;
        };
        const mayAsk = list(linkLocalNetwork);
        const all = list(subnet);
        for (const ip of [gateway, ordinary.start, ordinary.end])
          expect([all.check(ip), mayAsk.check(ip)]).toEqual([true, false]);
        for (const ip of [linkLocal.start, linkLocal.end])
          expect([all.check(ip), mayAsk.check(ip)]).toEqual([true, true]);
      }),
    );
  });
});

describe("Subnet", () => {
  it.each([
    ...["127.0.0.0/16", "169.254.0.0/16", "169.254.7.0/24", "224.0.0.0/16", "0.0.0.0/16"],
    ...["8.8.0.0/16", "172.32.0.0/16", "192.169.0.0/24", "100.128.0.0/16"],
  ])("refuses %s, where containers have no business", (subnet) => {
    expect(Subnet.safeParse(subnet).error?.issues[0]?.message).toContain("private addresses");
  });

  it.each(["10.255.255.0/24", "172.31.0.0/16", "192.168.0.0/16", "100.127.255.0/24"])(
    "takes %s",
    (subnet) => {
      expect(Subnet.safeParse(subnet).success).toBe(true);
    },
  );
});

describe("the network of containers", () => {
  it("is the same in all that knows of it", () => {
    const files = rendered("172.30.16.0/20");
    expect([...files.keys()].toSorted()).toEqual([
      "cni/link-local.d/10-ballast.conflist",
      "cni/net.d/10-ballast.conflist",
      "containerd/cri.toml",
      "containers.json",
      "resolver-of-containers/listener.conf",
      "workload-firewall.rules",
    ]);
    const all = [...files.values()].join("\n");
    expect(all).not.toContain("10.88.");
    expect(files.get("resolver-of-containers/listener.conf")).toBe(
      "[Resolve]\nDNSStubListenerExtra=172.30.16.1\n",
    );
    expect(files.get("workload-firewall.rules")).toContain(
      "-A CNI-ADMIN -s 172.30.31.0/24 -d 169.254.0.0/16 -j RETURN\n",
    );
    expect(JSON.parse(files.get("containers.json") ?? "")).toMatchObject({
      network: { subnet: "172.30.16.0/20", resolver: "172.30.16.1" },
    });
    const ranges = (path: string): unknown =>
      JSON.parse(/"ranges": (\[[^}]*\}\s*\]\s*\])/.exec(files.get(path) ?? "")?.[1] ?? "");
    const common = { subnet: "172.30.16.0/20", gateway: "172.30.16.1" };
    expect(ranges("cni/net.d/10-ballast.conflist")).toEqual([
      [{ ...common, rangeStart: "172.30.16.2", rangeEnd: "172.30.30.255" }],
    ]);
    expect(ranges("cni/link-local.d/10-ballast.conflist")).toEqual([
      [{ ...common, rangeStart: "172.30.31.0", rangeEnd: "172.30.31.254" }],
    ]);
  });

  it("leaves the resolver as the image has it by default", () => {
    expect([...rendered().keys()].filter((path) => path.includes("resolver"))).toEqual([]);
  });
});
