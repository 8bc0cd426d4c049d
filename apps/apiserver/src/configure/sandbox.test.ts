import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { EC2_METADATA } from "./metadata/metadata-service.ts";

const UNIT = readFileSync(new URL("../../systemd/configure.service", import.meta.url), "utf8");

function valuesOf(setting: string): string[] {
  const lines = UNIT.split("\n").filter((line) => line.startsWith(`${setting}=`));
  return lines.map((line) => line.slice(setting.length + 1));
}

it("configure.service may reach the metadata service and no other address", () => {
  expect(valuesOf("IPAddressDeny")).toEqual(["any"]);
  expect(valuesOf("IPAddressAllow")).toEqual([`${EC2_METADATA.host}/32`]);
  expect(valuesOf("RestrictAddressFamilies")).toEqual(["AF_UNIX AF_NETLINK AF_INET"]);
});

it("configure.service does not wait for a network that works", () => {
  expect(UNIT).not.toContain("network-online.target");
});
