import { expect, it } from "vitest";
import { hostMounts } from "./mounts.ts";

const PLACES = { storage: "/s", apiSockets: "/sockets" };

function mountsOf(privileges: "default" | "superpowered" | "bootstrap", hasApi = true) {
  const kind = privileges === "bootstrap" ? ("bootstrap" as const) : ("host" as const);
  return hostMounts({ kind, name: "a", privileges, hasApi }, PLACES).map(
    ({ source, destination, options }) =>
      `${destination} ${source} ${options.filter((option) => /^r(?:o|w|shared|slave)$/.test(option)).join()}`,
  );
}

it("gives each its storage, its socket and what it needs to know of the machine", () => {
  expect(mountsOf("default")).toEqual([
    "/.ballast/host-containers/a /s/host/a rw",
    "/.ballast/host-containers/current /s/host/a rw",
    "/run/ballast /sockets/a ro",
    "/etc/ballast-release /usr/lib/os-release ro",
    "/.ballast/client /usr/lib/ballast/client ro",
    "/usr/local/bin/apiclient /usr/lib/ballast/client/apiclient ro",
    "/.ballast/ca-certificates.crt /run/ballast/etc/pki/ca-certificates.crt ro",
  ]);
  expect(mountsOf("default", false).join()).not.toContain("/run/ballast ");
});

it("shows the machine to those that work on it only", () => {
  const machine = [
    "/.ballast/rootfs / rslave,ro",
    "/.ballast/rootfs/mnt /mnt rshared,rw",
    "/.ballast/rootfs/var /var rshared,rw",
    "/lib/modules /usr/lib/modules ro",
  ];
  expect(mountsOf("superpowered").slice(-4)).toEqual(machine);
  expect(mountsOf("bootstrap", false)[0]).toBe(
    "/.ballast/bootstrap-containers/a /s/bootstrap/a rw",
  );
  expect(mountsOf("bootstrap").slice(-4)).toEqual(machine);
});
