import type { WorkloadStatus } from "@ballast/model";
import { createMemoryFs, SystemError, type Fs } from "@ballast/system";
import { expect, it } from "vitest";
import { withFigures } from "./with-figures.ts";

const GROUP = "/ballast.slice/ballast-containers.slice/cri-containerd-1.scope";
const WEB: WorkloadStatus = {
  ...{ name: "web", kind: "workload", state: "running", since: null, restarts: 0, exit_code: null },
  ...{ health: "none", health_reason: null, image: "a.io/web:1", digest: null, reason: null },
  ...{ next_try: null, cgroup: GROUP },
};
const FILES = {
  "cpu.stat": "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n",
  "memory.current": "10485760\n",
  "memory.stat": "anon 4194304\nfile 5242880\ninactive_file 2097152\nactive_file 3145728\n",
  "pids.current": "7\n",
};

function machine(files: Readonly<Record<string, string>>): Fs {
  const entries = Object.entries(files).map(([name, text]) => [
    `/sys/fs/cgroup${GROUP}/${name}`,
    text,
  ]);
  return createMemoryFs(Object.fromEntries(entries));
}

async function figures(fs: Fs, status = WEB) {
  const [{ cpu_usage_us, memory_bytes, pids } = {}] = await withFigures(fs, [status]);
  return { cpu_usage_us, memory_bytes, pids };
}

it("tells what a container uses, without what the kernel keeps only because it can", async () => {
  const [status] = await withFigures(machine(FILES), [WEB]);
  const { cgroup: _, ...rest } = WEB;
  expect(status).toEqual({ ...rest, cpu_usage_us: 1_234_567, memory_bytes: 8_388_608, pids: 7 });
  const behind = { ...FILES, "memory.stat": "inactive_file 20971520\n" };
  expect((await figures(machine(behind))).memory_bytes).toBe(0);
});

it("tells nothing of one that does not run, or is just gone, or of which it cannot read a number", async () => {
  const nothing = { cpu_usage_us: null, memory_bytes: null, pids: null };
  expect(await figures(machine(FILES), { ...WEB, cgroup: null })).toEqual(nothing);
  expect(await figures(machine({}))).toEqual(nothing);
  expect(await figures(machine({ "pids.current": "max\n", "cpu.stat": "usage_usec x" }))).toEqual(
    nothing,
  );
  const cause = Object.assign(new Error("no such device"), { code: "ENODEV" });
  const failing = (why: Error): Fs => ({
    ...machine({}),
    readText: () => Promise.reject(new SystemError("system.read", "Cannot read", { cause: why })),
  });
  expect(await figures(failing(cause))).toEqual(nothing);
  await expect(figures(failing(new Error("other")))).rejects.toThrow("Cannot read");
});
