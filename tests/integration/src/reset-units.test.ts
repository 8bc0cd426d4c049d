import { readFileSync } from "node:fs";
import { join } from "node:path";
import { image } from "@ballast/image-standalone";
import { expect, it } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../../..");
const SYSTEM = join(REPOSITORY, "images/standalone/rootfs/usr/lib/systemd/system");
const GUID = "9827a087-6bb9-4c6f-81e2-7dd9ee596f0b";

function values(file: string, key: string): string[] {
  const text = readFileSync(join(SYSTEM, file), "utf8").replaceAll("\\\n", "");
  return text
    .split("\n")
    .flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
}

it.each([
  ["state", "BallastResetState"],
  ["data", "BallastResetData"],
])("a reset of %s asks before it wipes, and clears the mark when it has", (part, variable) => {
  const unit = `reset-${part}.service`;
  expect(values(unit, "ConditionPathExists")).toEqual([
    `/sys/firmware/efi/efivars/${variable}-${GUID}`,
    `!/run/ballast/reset-${part}-done`,
  ]);
  const selector = readFileSync(join(REPOSITORY, "kernel/selector/variables.c"), "utf8");
  expect(selector).toContain(`L"${variable}"`);
  const commands = values(unit, "ExecStart").filter((command) => !command.includes("blkdiscard"));
  const label = image.partitions.find(({ content }) => content === part)?.label;
  expect(commands).toEqual([
    `/usr/bin/signpost clear-reset --part ${part} --dry-run`,
    expect.stringMatching(
      new RegExp(`^/usr/sbin/mkfs.ext4 .*-L ${label} .* /dev/disk/ballast/${part}$`),
    ),
    `/usr/bin/signpost clear-reset --part ${part}`,
    `/usr/bin/systemd-tmpfiles --create /usr/lib/ballast/reset-${part}-done.conf`,
  ]);
  expect(values(unit, "Before").join(" ")).toContain(
    `systemd-fsck@dev-disk-ballast-${part}.service`,
  );
});

it("STATE is mounted neither unchecked nor after a reset that failed", () => {
  const required = values("var-lib-ballast.mount", "Requires");
  expect(required).toEqual(["reset-state.service", "systemd-fsck@dev-disk-ballast-state.service"]);
  expect(values("var-lib-ballast.mount", "After")).toEqual(required);
});

it("what comes in the place of STATE needs no program of ours, and is as STATE would be", () => {
  const commands = values("state-volatile.service", "ExecStart");
  expect(commands.map((command) => command.split(" ", 1)[0])).toEqual([
    "/usr/bin/mount",
    "-/usr/bin/journalctl",
    "-/usr/bin/journalctl",
  ]);
  const [mount = ""] = commands;
  const [where = ""] = values("var-lib-ballast.mount", "Where");
  expect(mount).toMatch(new RegExp(` ${where}$`));
  expect(values("state-volatile.service", "ConditionPathIsMountPoint")).toEqual([`!${where}`]);
  for (const option of ["nosuid", "nodev", "noexec"]) {
    expect(mount).toMatch(new RegExp(`[ ,]${option},`));
    expect(values("var-lib-ballast.mount", "Options").join()).toMatch(new RegExp(`\\b${option},`));
  }
});
