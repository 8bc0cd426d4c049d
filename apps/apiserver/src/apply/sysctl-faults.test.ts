import { effectiveSettings } from "@ballast/model";
import { createMemoryFs, type Fs } from "@ballast/system";
import { expect, it } from "vitest";
import { sysctlFaults } from "./sysctl-faults.ts";

it("sysctlFaults() names what is not as it was set, and never the value", async () => {
  const memory = createMemoryFs({
    "/proc/sys/net/ipv4/ip_forward": "1\n",
    "/proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
    "/proc/sys/net/ipv4/conf/eth0.7/forwarding": "0\n",
  });
  const fs: Fs = {
    ...memory,
    readText: async (path) => {
      if (path.endsWith("/flush")) throw new Error("EACCES");
      return memory.readText(path);
    },
  };
  const effective = effectiveSettings(
    new Map([
      ['kernel.sysctl."net.ipv4.ip_forward"', "1"],
      ['kernel.sysctl."net.ipv4.tcp_rmem"', "4096 131072 6291456"],
      ['kernel.sysctl."net.ipv4.conf.eth0/7.forwarding"', "1"],
      ['kernel.sysctl."net.ipv4.nope"', "1"],
      ['kernel.sysctl."net/ipv4/flush"', "1"],
    ]),
  );
  expect(await sysctlFaults(fs)(effective)).toEqual([
    '"net.ipv4.conf.eth0/7.forwarding" did not take its value',
    '"net.ipv4.nope" does not exist in this kernel',
    '"net/ipv4/flush" cannot be read',
  ]);
  expect(await sysctlFaults(fs)(effectiveSettings(new Map()))).toEqual([]);
});
