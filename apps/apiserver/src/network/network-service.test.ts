import { effectiveSettings, flatten, nestSettings } from "@ballast/model";
import { createLog } from "@ballast/service";
import {
  createMemoryClock,
  createMemoryExec,
  createMemoryFs,
  type ExecRequest,
} from "@ballast/system";
import { describe, expect, it } from "vitest";
import { createApplier } from "../apply/applier.ts";
import { openBootState } from "../boot-state.ts";
import {
  awaitInterfaces,
  lookAgain,
  NETWORK_SERVICE,
  removeStaleDevices,
} from "./network-service.ts";

interface Link {
  readonly name: string;
  readonly setup: string;
  readonly operational: string;
}

const UP = { setup: "configured", operational: "routable" };

/** A machine with an applier, its networkd answering with these links. */
function bench(files: Readonly<Record<string, string>> = {}) {
  const calls: string[] = [];
  const made = { calls, links: [] as Link[], interfaces: {}, networkctlExit: 0, removalExit: 0 };
  const answer = (): string =>
    JSON.stringify({
      Interfaces: made.links.map(({ name, setup, operational }, index) => ({
        Index: index + 1,
        Name: name,
        AdministrativeState: setup,
        OperationalState: operational,
        NetworkFile: `/etc/systemd/network/10-${name}.network`,
      })),
    });
  const exec = createMemoryExec({
    "/usr/bin/systemctl": ({ args }: ExecRequest) => {
      calls.push(args.slice(1).join(" "));
      const isRemoval = args[1] === "start";
      return { exitCode: isRemoval ? made.removalExit : 0, stdout: "", stderr: "" };
    },
    "/usr/bin/networkctl": () => ({
      exitCode: made.networkctlExit,
      stdout: made.networkctlExit === 0 ? answer() : "",
      stderr: "no bus",
    }),
  });
  const fs = createMemoryFs(files);
  const clock = createMemoryClock();
  const effective = () => effectiveSettings(flatten({ network: { interfaces: made.interfaces } }));
  const log = createLog({ write: () => undefined, journal: false });
  const applier = createApplier({
    fs,
    exec,
    log,
    effective,
    hooks: { [NETWORK_SERVICE]: awaitInterfaces({ fs, exec, clock }) },
    preparations: { [NETWORK_SERVICE]: removeStaleDevices({ fs, exec, clock }) },
  });
  const apply = async () => (await applier.apply(["network.interfaces"]))[0];
  return Object.assign(made, { fs, exec, log, clock, apply, effective });
}

const RELOAD = "reload-or-restart systemd-networkd.service";
const OK = { name: NETWORK_SERVICE, action: "restarted", status: "ok" };
const DHCP = { dhcp4: true };

describe("network-interfaces", () => {
  it("does nothing while no interface is set", async () => {
    const made = bench();
    expect(await made.apply()).toEqual({ ...OK, action: "rendered" });
    expect(made.calls).toEqual([]);
  });

  it("writes the files, removes those of interfaces that went, and has networkd read them", async () => {
    const made = bench();
    made.links = [
      { name: "eth0", ...UP },
      { name: "eth1", ...UP },
    ];
    made.interfaces = { eth0: DHCP, eth1: DHCP };
    expect(await made.apply()).toEqual(OK);
    expect(await made.fs.list("/run/ballast/etc/network")).toEqual([
      "10-eth0.network",
      "10-eth1.network",
    ]);
    made.interfaces = { eth1: DHCP };
    expect(await made.apply()).toEqual(OK);
    expect(await made.fs.list("/run/ballast/etc/network")).toEqual(["10-eth1.network"]);
    expect(await made.apply()).toEqual({ ...OK, action: "rendered" });
    made.interfaces = {};
    await made.apply();
    expect(await made.fs.list("/run/ballast/etc/network")).toEqual([]);
    expect(made.calls).toEqual([RELOAD, RELOAD, RELOAD]);
  });

  it("tells of every interface that does not become what is set, in bounded time", async () => {
    const made = bench();
    made.links = [
      { name: "eth1", setup: "configuring", operational: "degraded" },
      { name: "eth2", setup: "configuring", operational: "no-carrier" },
      { name: "eth3", setup: "failed", operational: "off" },
      { name: "eth4", ...UP },
    ];
    made.interfaces = { eth0: DHCP, eth1: DHCP, eth2: DHCP, eth3: DHCP, eth4: DHCP };
    const start = made.clock.now();
    const report = await made.apply();
    expect(report).toMatchObject({ status: "failed" });
    expect(report?.reason).toContain(
      "eth0 does not exist; eth1 is not configured: DHCP or a router has not answered; eth2 has no link; eth3 could not be set up",
    );
    expect(report?.reason).not.toContain("eth4");
    expect(made.clock.now().since(start).total("seconds")).toBeLessThan(20);
  });

  it("is content with optional interfaces that are not there, but not with refused ones", async () => {
    const made = bench();
    const optional = { ...DHCP, optional: true };
    made.links = [{ name: "eth1", setup: "configuring", operational: "no-carrier" }];
    made.interfaces = { eth0: optional, eth1: optional };
    expect(await made.apply()).toEqual(OK);
    made.links = [{ name: "eth1", setup: "failed", operational: "off" }];
    made.interfaces = { eth1: optional };
    expect((await made.apply())?.reason).toContain("eth1 could not be set up");
  });

  it("asks no link of an interface that is joined into a bond", async () => {
    const made = bench();
    made.links = [
      { name: "bond0", ...UP },
      { name: "eth1", setup: "configured", operational: "no-carrier" },
    ];
    made.interfaces = { bond0: { ...DHCP, bond: { interfaces: ["eth1"] } }, eth1: { mtu: 1500 } };
    expect(await made.apply()).toEqual(OK);
  });

  it("removes a device before its definition changes, and no other", async () => {
    const vlan = (id: number) => ({
      v: { ...DHCP, vlan: { device: "eth0", id } },
      w: { ...DHCP, vlan: { device: "eth0", id: 99 } },
    });
    const made = bench({
      "/sys/devices/virtual/net/v/mtu": "1500",
      "/sys/devices/virtual/net/w/mtu": "1500",
    });
    made.links = ["eth0", "v", "w"].map((name) => ({ name, ...UP }));
    made.interfaces = vlan(1);
    await made.apply();
    made.calls.length = 0;
    made.interfaces = vlan(2);
    expect(await made.apply()).toEqual(OK);
    expect(made.calls).toEqual(["start network-device-removal@v.service", RELOAD]);
  });

  it("keeps the old files when a device cannot be removed, and tries again", async () => {
    const made = bench({ "/sys/devices/virtual/net/v/mtu": "1500" });
    made.links = [{ name: "v", ...UP }];
    made.interfaces = { v: { ...DHCP, vlan: { device: "eth0", id: 1 } } };
    made.removalExit = 1;
    expect(await made.apply()).toMatchObject({ status: "failed" });
    expect(made.calls).not.toContain(RELOAD);
    made.removalExit = 0;
    expect(await made.apply()).toEqual(OK);
    expect(made.calls.slice(-2)).toEqual(["start network-device-removal@v.service", RELOAD]);
  });

  it("says so when networkd does not answer", async () => {
    const made = bench();
    made.interfaces = { eth0: DHCP };
    made.networkctlExit = 1;
    expect((await made.apply())?.reason).toContain('Cannot list network interfaces: "no bus"');
  });
});

describe("lookAgain()", () => {
  it("takes a failure back once the interfaces are as set", async () => {
    const made = bench();
    made.interfaces = { eth0: DHCP };
    const boot = await openBootState(made.fs);
    const failed = { ...OK, status: "failed", reason: "x" } as const;
    const look = async () => {
      await lookAgain({ ...made, boot }, () => nestSettings(made.effective()));
      return boot.get().services;
    };
    expect(await look()).toEqual([]);
    await boot.report([{ ...failed, action: "restarted" }]);
    expect(await look()).toMatchObject([{ status: "failed" }]);
    made.networkctlExit = 1;
    expect(await look()).toMatchObject([{ status: "failed" }]);
    made.networkctlExit = 0;
    made.links = [{ name: "eth0", ...UP }];
    expect(await look()).toEqual([OK]);
  });
});
