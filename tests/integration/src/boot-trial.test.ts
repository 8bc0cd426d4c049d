import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const REPOSITORY = join(import.meta.dirname, "../../..");
const UNITS = join(REPOSITORY, "apps/signpost/systemd");
const ROOTFS = join(REPOSITORY, "images/standalone/rootfs");

/** Values of a unit file by key. */
function unit(path: string): Map<string, string[]> {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => /^[A-Z]\w+=/.test(line));
  const pairs = lines.map(
    (line) => [line.split("=", 1)[0] ?? "", line.replace(/^\w+=/, "")] as const,
  );
  return new Map(
    [...Map.groupBy(pairs, ([key]) => key)].map(([key, list]) => [
      key,
      list.map(([, value]) => value),
    ]),
  );
}

const timer = unit(join(UNITS, "boot-trial.timer"));
const expired = unit(join(UNITS, "boot-trial-expired.service"));
const mark = unit(join(UNITS, "mark-successful-boot.service"));

it("no program of ours takes part in the end of a trial", () => {
  expect(timer.get("Unit")).toEqual(["boot-trial-expired.service"]);
  expect(expired.get("SuccessAction")).toEqual(["reboot-force"]);
  expect([...expired.keys()].filter((key) => key.startsWith("Exec"))).toEqual([]);
});

it("nothing resets a machine that is not on trial, or no longer", () => {
  const conditions = timer.get("ConditionPathExists");
  // One of the first two, and the last.
  expect(conditions?.map((path) => path[0])).toEqual(["|", "|", "!"]);
  expect(expired.get("ConditionPathExists")).toEqual(conditions);
  const posts = mark.get("ExecStartPost") ?? [];
  expect(posts.at(-1)).toContain("stop boot-trial.timer");
  const file = /--create (\S+)$/.exec(posts[0] ?? "")?.[1] ?? "";
  const marked = /^f (\S+)/m.exec(readFileSync(join(ROOTFS, file), "utf8"))?.[1];
  expect(conditions).toContain(`!${marked}`);
});

it("a boot that cannot go on is no clean end, which would refill its tries", () => {
  const system = join(ROOTFS, "usr/lib/systemd/system");
  const [name = ""] = unit(join(system, "emergency-reboot.timer")).get("Unit") ?? [];
  expect(unit(join(system, name)).get("SuccessAction")).toEqual(["reboot-force"]);
  expect(unit(join(UNITS, "refill-tries.service")).get("IgnoreOnIsolate")).toEqual(["yes"]);
});

it("signpost's refusals make no failed unit, and its answers have a folder", () => {
  const signpost = unit(join(UNITS, "signpost@.service"));
  expect(signpost.get("SuccessExitStatus")?.[0]?.split(" ")).toEqual(
    expect.arrayContaining(["1", "64", "65", "69", "70", "75", "77"]),
  );
  const [output = ""] = signpost.get("StandardOutput") ?? [];
  const folder = output.replace("truncate:", "").replace("/%i.json", "");
  const tmpfiles = readFileSync(join(ROOTFS, "usr/lib/tmpfiles.d/ballast.conf"), "utf8");
  expect(tmpfiles).toContain(`d ${folder} `);
});

it("every unit of ours that the image calls essential exists", () => {
  const names = readFileSync(join(ROOTFS, "usr/lib/ballast/essential-units"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const ours = names.filter((name) => !/^(?:systemd-|dbus-)/.test(name));
  const folders = [
    ...["apiserver", "host-containers"].map((app) => join(REPOSITORY, "apps", app, "systemd")),
    join(ROOTFS, "usr/lib/systemd/system"),
  ];
  expect(ours.length).toBeGreaterThan(0);
  for (const name of ours)
    expect([name, folders.some((folder) => existsSync(join(folder, name)))]).toEqual([name, true]);
});
