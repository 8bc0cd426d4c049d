import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const UNIT = readFileSync(
  new URL("../systemd/host-containers.service", import.meta.url),
  "utf8",
).split("\n");

it("reaches the networks that workloads can have, and no other", () => {
  expect(UNIT).toContain("RestrictAddressFamilies=AF_UNIX AF_INET");
  expect(UNIT.filter((line) => line.startsWith("IPAddress"))).toEqual([
    "IPAddressDeny=any",
    "IPAddressAllow=10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.168.0.0/16",
  ]);
});
