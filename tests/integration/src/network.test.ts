import { statSync } from "node:fs";
import { join } from "node:path";
import { CommitReport } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { startMachine } from "./machine.ts";

/** What networkctl tells of links, by name. */
function linksJson(links: Readonly<Record<string, readonly [setup: string, state: string]>>) {
  const interfaces = Object.entries(links).map(([name, [setup, operational]]) => ({
    Name: name,
    AdministrativeState: setup,
    OperationalState: operational,
    NetworkFile: `/etc/systemd/network/10-${name}.network`,
  }));
  return JSON.stringify({ Interfaces: interfaces });
}

const UP = ["configured", "routable"] as const;
const ETC = "run/ballast/etc";

describe("network settings", () => {
  it("are written and read anew, and interfaces that went leave no file", async () => {
    const links = linksJson({ eth0: UP, eth1: UP });
    await using machine = await startMachine({ "networkctl.json": links });
    const interfaces = { eth0: { dhcp4: true }, eth1: { addresses: ["192.0.2.7/24"] } };
    const set = CommitReport.parse((await machine.set({ network: { interfaces } })).json);
    expect(set.services).toEqual([
      { name: "network-interfaces", action: "restarted", status: "ok" },
    ]);
    expect(machine.read(`${ETC}/network/10-eth1.network`)).toContain("Address=192.0.2.7/24\n");
    await machine.set({ network: { interfaces: { eth1: null } } });
    expect(machine.has(`${ETC}/network/10-eth1.network`)).toBe(false);
    expect(machine.has(`${ETC}/network/10-eth0.network`)).toBe(true);
    const calls = machine.read("systemctl.log").split("\n");
    expect(calls.filter((call) => call.includes("systemd-networkd"))).toHaveLength(2);
  });

  it("that no network follows are told, and taken back in health once it does", async () => {
    await using machine = await startMachine({ "networkctl.json": linksJson({}) });
    const report = CommitReport.parse(
      (await machine.set({ network: { interfaces: { eth7: { dhcp4: true } } } })).json,
    );
    expect(report.services).toMatchObject([{ status: "failed" }]);
    expect(report.services[0]?.reason).toContain("eth7 does not exist");
    const health = async () => JSON.stringify((await machine.call("GET", "/health")).json);
    expect(await health()).toContain("eth7 does not exist");
    machine.write("networkctl.json", linksJson({ eth7: UP }));
    expect(await health()).not.toContain("eth7");
  }, 60_000);

  it("that break a rule change nothing", async () => {
    await using machine = await startMachine();
    const interfaces = { v: { dhcp4: true, vlan: { id: 7 } } };
    const reply = await machine.set({ network: { interfaces } });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain("network.interfaces.v.vlan.device");
    expect(machine.has(`${ETC}/network`)).toBe(false);
  });

  it("of the proxy keep the password from readers and in a file for root", async () => {
    await using machine = await startMachine();
    const proxy = {
      "https-proxy": "proxy.example.org:3128",
      "https-proxy-credentials": "u:pass-w",
    };
    expect((await machine.set({ network: proxy })).status).toBe(200);
    expect(machine.read(`${ETC}/proxy/proxy.env`)).toContain("http://u:pass-w@proxy.example.org");
    expect(statSync(join(machine.root, ETC, "proxy/proxy.env")).mode & 0o777).toBe(0o600);
    expect((await machine.call("GET", "/settings")).text).not.toContain("pass-w");
    expect(machine.log).not.toContain("pass-w");
    await machine.set({ network: { "https-proxy": null, "https-proxy-credentials": null } });
    expect(machine.has(`${ETC}/proxy/proxy.env`)).toBe(false);
    expect(machine.read("systemctl.log")).toContain("try-restart containerd.service");
  });

  it("of names and time reach the files of their programs", async () => {
    await using machine = await startMachine();
    await machine.set({
      dns: { "name-servers": ["192.0.2.53"] },
      ntp: { "time-servers": ["192.0.2.123"], options: ["minpoll 4"] },
      network: { hosts: [["192.0.2.10", ["registry.example.org"]]] },
    });
    expect(machine.read(`${ETC}/resolved.conf.d/settings.conf`)).toContain("DNS=192.0.2.53\n");
    expect(machine.read(`${ETC}/chrony/settings.sources`)).toBe(
      "server 192.0.2.123 iburst minpoll 4\n",
    );
    expect(machine.read(`${ETC}/hosts`)).toContain("192.0.2.10 registry.example.org\n");
  });
});
