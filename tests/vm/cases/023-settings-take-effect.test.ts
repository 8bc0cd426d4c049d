import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  bootsLimitMs,
  fetchJournal,
  inLab,
  issueServer,
  makeRelay,
  nameService,
  parseDatagram,
  playProxy,
  playRegistry,
  pullImage,
  RELAY_PORT,
  timeService,
  Wire,
  WireHost,
  type Guest,
  type PlayedServer,
} from "@ballast/testkit";
import { RemoteApi } from "@ballast/vm";
import { expect, test } from "vitest";

/**
 * The guest's network: that of the API, QEMU's router to servers of this test, and two wires to hosts that it plays. The
 * cards' names follow from their places in the machine.
 */
const CARD = { api: "enp0s2", servers: "enp0s3", left: "enp0s4", right: "enp0s5" };
const VLAN = `${CARD.left}.20`;
const MAC = { servers: "52:54:00:ba:00:01", left: "52:54:00:ba:00:02", right: "52:54:00:ba:00:03" };
const ROUTER = "192.0.2.2";
const SERVICES = { mac: "02:00:00:00:00:01", ip: "198.51.100.1" };
const STRANGER = { mac: "02:00:00:00:00:02", ip: "198.18.0.9" };
const TAGGED = { mac: "02:00:00:00:00:03", ip: "203.0.113.1" };
const OWN = {
  servers: "192.0.2.15",
  left: "198.51.100.7",
  right: "198.18.0.7",
  vlan: "203.0.113.7",
};
const METRICS_PORT = 9464;
const HOUR_MS = 3_600_000;
const LIMIT_MS = 60_000;
const PASSWORD = "s3cr3t-of-the-registry";
const PROXY_PASSWORD = "s3cr3t-of-the-proxy";

interface World {
  readonly guest: Guest;
  readonly left: Wire;
  readonly right: Wire;
  readonly services: WireHost;
  readonly stranger: WireHost;
  /** Names that the guest asked the played name server for. */
  readonly asked: readonly string[];
  readonly registry: PlayedServer;
  readonly proxy: PlayedServer;
  readonly containerd: number;
}

test(
  "023 every setting has its effect, from the first boot on and when it changes",
  { timeout: bootsLimitMs(4) },
  inLab(async (lab) => {
    const relay = join(lab.directory, "relay");
    await mkdir(relay);
    await makeRelay(relay);
    const identity = await issueServer(relay, ["web.test", "mirror.test", "other.test"]);
    const { disk } = await lab.makeDiskWithB({ added: [relay] });
    await using left = await Wire.open();
    await using right = await Wire.open();
    await using registry = await playRegistry(identity);
    await using proxy = await playProxy();
    const asked: string[] = [];
    const names = nameService({ "intranet.corp.test": ROUTER }, asked);
    const services = new WireHost(left, {
      ...SERVICES,
      services: { 53: names, 123: timeService(HOUR_MS) },
    });
    const stranger = new WireHost(right, STRANGER);
    const router = `user,net=192.0.2.0/24,host=${ROUTER}`;
    const forwards = [RELAY_PORT, METRICS_PORT]
      .map((port) => `hostfwd=tcp:127.0.0.1:0-${OWN.servers}:${port}`)
      .join(",");

    const guest = await lab.boot({
      disk,
      userData: everything(registry.port, proxy.port, identity.ca),
      cards: [
        { id: "servers", mac: MAC.servers, plug: `${router},${forwards}` },
        { id: "left", mac: MAC.left, plug: left.plug },
        { id: "right", mac: MAC.right, plug: right.plug },
      ],
      allowed: [
        {
          pattern: /^Service not applied service=network-interfaces .*eth9 does not exist/,
          reason: "This case sets an interface that does not exist.",
        },
        {
          pattern:
            /^Service not applied service=sysctl |net\/ipv4\/nope|Kernel parameters of this machine/,
          reason: "This case sets a kernel parameter that does not exist.",
        },
      ],
    });
    console.log(`Healthy after ${(await guest.healthy()).toFixed(1)} s`);
    const containerd = await guest.machine.forwardedPort(RELAY_PORT);
    const world = { guest, left, right, services, stranger, asked, registry, proxy, containerd };

    const boot = await guest.api.get("/boot");
    expect(boot).toMatchObject({ provisioned: true, user_data_error: null });
    expect(boot).toMatchObject(applied("sysctl", "restarted"));
    expect(boot).toMatchObject(applied("lockdown", "restarted"));
    expect(JSON.stringify(boot)).not.toContain("failed");
    await guest.machine.console.waitFor(/Everything at once/, { timeoutMs: LIMIT_MS });
    await expectNetwork(world);
    await expectMetrics(world);
    await expectNamesAndTime(world);
    await expectContainerd(world);
    await changeKernel(world);
    await changeRegistries(world);
    await changeNames(world);
    await changeInterfaces(world);
    await expectNoSecrets(world);
  }),
);

/** User data with a value for every group that has an effect. */
function everything(registryPort: number, proxyPort: number, ca: string): string {
  return `[settings]
motd = "Everything at once"
[settings.boot]
trial-limit = 900
[settings.network]
hostname = "everything"
https-proxy = "http://${ROUTER}:${proxyPort}"
https-proxy-credentials = "robot:${PROXY_PASSWORD}"
no-proxy = ["mirror.test", "other.test"]
hosts = [{ ip = "${ROUTER}", names = ["web.test", "mirror.test", "other.test"] }]
[settings.network.interfaces.${CARD.api}]
addresses = ["10.0.2.15/24", "10.0.2.77/24"]
[settings.network.interfaces.services]
mac = "${MAC.servers}"
addresses = ["${OWN.servers}/24"]
[settings.network.interfaces.${CARD.left}]
addresses = ["${OWN.left}/24"]
[settings.network.interfaces."${VLAN}"]
addresses = ["${OWN.vlan}/24"]
vlan = { device = "${CARD.left}", id = 20 }
[settings.network.interfaces.${CARD.right}]
addresses = ["${OWN.right}/24"]
[settings.dns]
name-servers = ["${SERVICES.ip}"]
search-list = ["corp.test"]
[settings.ntp]
time-servers = ["${SERVICES.ip}"]
options = ["minpoll 2", "maxpoll 4"]
[settings.kernel]
lockdown = "confidentiality"
[settings.kernel.sysctl]
"net.ipv4.ip_forward" = "1"
[settings.pki.corp]
trusted = true
data = """
${ca}"""
[settings.container-registry.mirrors]
"pulled.test" = ["https://mirror.test:${registryPort}"]
[settings.container-registry.credentials."mirror.test:${registryPort}"]
username = "robot"
password = "${PASSWORD}"
[settings.container-runtime]
max-concurrent-downloads = 7
[settings.metrics]
enabled = true
address = "${OWN.servers}"
[settings.health.web]
http = "https://web.test:${registryPort}/"
[settings.health.intranet]
tcp = "intranet:${registryPort}"
[settings.health.runtime]
unit = "containerd.service"
`;
}

/** A stranger without a certificate reads figures, and nothing else. */
async function expectMetrics({ guest }: World): Promise<void> {
  const port = await guest.machine.forwardedPort(METRICS_PORT);
  const figures = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await figures.text()).toContain("ballast_os_info");
  expect((await fetch(`http://127.0.0.1:${port}/settings`)).status).toBe(404);
}

async function set({ guest }: World, settings: unknown): Promise<unknown> {
  await guest.api.call("PATCH", "/settings", settings);
  return guest.api.call("POST", "/tx/commit_and_apply");
}

/** In a report: this was done, among other things. */
function applied(name: string, action: string): object {
  const done = expect.objectContaining({ name, action, status: "ok" });
  return { services: expect.arrayContaining([done]) };
}

/** In a report: this failed, among other things. */
function failed(name: string, reason: RegExp): object {
  const fault = { name, status: "failed", reason: expect.stringMatching(reason) };
  return { services: expect.arrayContaining([expect.objectContaining(fault)]) };
}

async function linesOf({ guest }: World, pattern: RegExp): Promise<readonly string[]> {
  const journal = await fetchJournal(guest.api);
  return journal.filter(({ message }) => pattern.test(message)).map(({ message }) => message);
}

/** Until what is seen outside is so; the guest acts in its own time. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { timeout: LIMIT_MS, interval: 500, message: what }).toBe(true);
}

async function expectNetwork(world: World): Promise<void> {
  const { guest, services, stranger, left, right } = world;
  const [last] = (await fetchJournal(guest.api)).slice(-1);
  expect(last?.hostname).toBe("everything");
  // Both static addresses of the card that the API is reached by.
  const second = new RemoteApi(
    await guest.machine.forwardApiTo("10.0.2.77"),
    await guest.identity(),
  );
  expect(await second.send({ path: "/os" })).toMatchObject({ status: 200 });
  expect(await services.macOf(OWN.left, LIMIT_MS)).toBe(MAC.left);
  expect(await stranger.macOf(OWN.right, LIMIT_MS)).toBe(MAC.right);
  // A VLAN answers within its tag and in no other.
  expect(await new WireHost(left, { ...TAGGED, vlan: 20 }).macOf(OWN.vlan, LIMIT_MS)).toBe(
    MAC.left,
  );
  expect(await new WireHost(left, { ...TAGGED, vlan: 21 }).macOf(OWN.vlan, 2000)).toBeUndefined();
  // net.ipv4.ip_forward: what comes in on one card for a network of the other goes out there.
  const data = Buffer.from("Passed on");
  const isPassedOn = (): boolean =>
    right.frames.items.some((frame) => parseDatagram(frame)?.data.equals(data) === true);
  await until("the datagram to be passed on", () => {
    services.send(MAC.left, { targetIp: STRANGER.ip, sourcePort: 9, targetPort: 9, data });
    return isPassedOn();
  });
  expect(stranger.received.map(({ sourceIp }) => sourceIp)).toContain(SERVICES.ip);
  // The kernel itself says what it was raised to.
  expect(await linesOf(world, /^Kernel is locked down from securityfs/)).toHaveLength(1);
}

async function expectNamesAndTime(world: World): Promise<void> {
  const { guest, asked, registry, services } = world;
  // Health is ok already: web.test is known by hosts and its certificate by pki, intranet by the name server.
  expect(registry.seen).toContainEqual(
    expect.objectContaining({ host: `web.test:${registry.port}`, url: "/" }),
  );
  expect(asked).toContain("intranet.corp.test");
  await until("the clock to follow the server", async () => {
    const { headers } = await guest.api.send({ path: "/os" });
    const aheadMs = Date.parse(String(headers["date"])) - Date.now();
    return Math.abs(aheadMs - HOUR_MS) < 120_000;
  });
  expect(services.received.filter(({ targetPort }) => targetPort === 123)).not.toEqual([]);
  expect(await linesOf(world, /^Selected source 198\.51\.100\.1$/)).not.toEqual([]);
}

/** What containerd asks for when an image is pulled: the mirror with credentials, then the registry by the proxy. */
async function expectContainerd(world: World): Promise<void> {
  const { registry, proxy, containerd } = world;
  const pulled = await pullImage(containerd, "pulled.test/team/app:1");
  expect(pulled).toMatchObject({
    code: expect.any(Number),
    message: expect.stringContaining("Bad Gateway"),
  });
  expect(manifestsAsked(registry)).toEqual([
    { host: `mirror.test:${registry.port}`, authorization: undefined },
    { host: `mirror.test:${registry.port}`, authorization: basic("robot", PASSWORD) },
  ]);
  expect(proxy.seen).toContainEqual({
    host: "pulled.test:443",
    url: "pulled.test:443",
    authorization: basic("robot", PROXY_PASSWORD),
  });
  expect(await linesOf(world, /MaxConcurrentDownloads:7\b/)).not.toEqual([]);
}

function manifestsAsked({ seen }: PlayedServer, from = 0): readonly unknown[] {
  return seen
    .slice(from)
    .filter(({ url }) => url.startsWith("/v2/team/app/manifests/1"))
    .map(({ host, authorization }) => ({ host, authorization }));
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

async function changeKernel(world: World): Promise<void> {
  const { guest } = world;
  const bad = await set(world, { kernel: { sysctl: { "net.ipv4.nope": "1" } } });
  expect(bad).toMatchObject(failed("sysctl", /"net\.ipv4\.nope" does not exist in this kernel/));
  expect(await set(world, { kernel: { sysctl: { "net.ipv4.nope": null } } })).toMatchObject(
    applied("sysctl", "restarted"),
  );
  await guest.api.call("PATCH", "/settings?tx=unset", {
    kernel: { sysctl: { "net.ipv4.ip_forward": null } },
  });
  expect(await guest.api.get("/tx/plan?tx=unset")).toMatchObject({ reboot: true });
  await guest.api.call("DELETE", "/tx?tx=unset");
  expect(await set(world, { kernel: { lockdown: "integrity" } })).toMatchObject(
    applied("lockdown", "stored"),
  );
}

async function changeRegistries(world: World): Promise<void> {
  const { registry, containerd } = world;
  const starts = async (): Promise<number> =>
    (await linesOf(world, /containerd successfully booted/)).length;
  const before = await starts();
  const other = `other.test:${registry.port}`;
  const mirrors = { "pulled.test": [`https://${other}`] };
  expect(await set(world, { "container-registry": { mirrors } })).toMatchObject({
    services: [{ name: "container-registry", action: "rendered", status: "ok" }],
  });
  let from = registry.seen.length;
  await pullImage(containerd, "pulled.test/team/app:1");
  // Another mirror at once; it has no credentials, and gets none of the first one's.
  expect(manifestsAsked(registry, from)).toEqual([{ host: other, authorization: undefined }]);
  expect(await starts()).toBe(before);

  const credentials = { [other]: { username: "second", password: PASSWORD } };
  expect(await set(world, { "container-registry": { credentials } })).toMatchObject({
    services: [{ name: "container-runtime", action: "restarted", status: "ok" }],
  });
  from = registry.seen.length;
  await until("containerd to answer again", async () => {
    await pullImage(containerd, "pulled.test/team/app:1").catch(() => undefined);
    return manifestsAsked(registry, from).length > 0;
  });
  expect(manifestsAsked(registry, from)).toContainEqual({
    host: other,
    authorization: basic("second", PASSWORD),
  });
  expect(await starts()).toBe(before + 1);
}

async function changeNames(world: World): Promise<void> {
  const { guest, asked } = world;
  expect(await set(world, { dns: { "search-list": ["elsewhere.test"] } })).toMatchObject({
    services: [{ name: "dns", action: "restarted", status: "ok" }],
  });
  await until("the new domain to be asked for", async () => {
    await guest.api.send({ path: "/health" });
    return asked.includes("intranet.elsewhere.test");
  });
  await set(world, {
    health: { intranet: null },
    dns: { "name-servers": null, "search-list": null },
    network: { hosts: null },
  });
  await until("web.test no longer to be known", async () => {
    const { text } = await guest.api.send({ path: "/health" });
    return /"name":"health\.web","status":"failed","reason":"[^"]*web\.test/.test(text);
  });
  const count = asked.length;
  await guest.api.send({ path: "/health" });
  expect(asked.length).toBe(count);
  await set(world, { health: { web: null } });
}

async function changeInterfaces(world: World): Promise<void> {
  const { guest, left, right, services } = world;
  const of21 = new WireHost(left, { ...TAGGED, vlan: 21 });
  const ok = applied("network-interfaces", "restarted");
  const vlan = { network: { interfaces: { [VLAN]: { vlan: { id: 21 } } } } };
  expect(await set(world, vlan)).toMatchObject(ok);
  expect(await of21.macOf(OWN.vlan, LIMIT_MS)).toBe(MAC.left);
  expect(await new WireHost(left, { ...TAGGED, vlan: 20 }).macOf(OWN.vlan, 2000)).toBeUndefined();
  expect(await linesOf(world, /^Finished network-device-removal@enp0s4\.20\.service/)).toHaveLength(
    1,
  );

  const absent = await set(world, { network: { interfaces: { eth9: { dhcp4: true } } } });
  expect(absent).toMatchObject(
    failed("network-interfaces", /not as set after 15 s: eth9 does not exist/),
  );
  expect(await guest.api.send({ path: "/health" })).toMatchObject({
    status: 503,
    text: expect.stringContaining("eth9 does not exist"),
  });

  // Two cards as one: it is reached by whichever cable is left.
  const bond0 = { addresses: [`${OWN.left}/24`], bond: { interfaces: [CARD.left, CARD.right] } };
  const interfaces = { eth9: null, [VLAN]: null, [CARD.left]: null, [CARD.right]: null, bond0 };
  expect(await set(world, { network: { interfaces } })).toMatchObject(ok);
  const onRight = new WireHost(right, SERVICES);
  const mac = await services.macOf(OWN.left, 10_000);
  const [first, second] = mac === undefined ? ["right", services] : ["left", onRight];
  const bondMac = mac ?? (await onRight.macOf(OWN.left, LIMIT_MS));
  expect(await second.macOf(OWN.left, 2000)).toBeUndefined();
  await guest.machine.setLink(first, false);
  expect(await second.macOf(OWN.left, LIMIT_MS)).toBe(bondMac);
}

async function expectNoSecrets({ guest }: World): Promise<void> {
  const told = [
    JSON.stringify(await guest.api.get("/settings")),
    JSON.stringify(await guest.api.get("/history")),
    JSON.stringify(await fetchJournal(guest.api)),
  ].join();
  expect(told).not.toContain(PASSWORD);
  expect(told).not.toContain(PROXY_PASSWORD);
}
