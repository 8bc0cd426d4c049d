import { describe, expect, it } from "vitest";
import { chainIdOf } from "./chain-id.ts";
import { hostSpec, type HostSpecOptions } from "./host-spec.ts";
import { parseConfig } from "./image-config.ts";
import { encodeSpec } from "./spec.ts";

const image = parseConfig({
  Entrypoint: ["/init"],
  Cmd: ["--now"],
  Env: ["A=1", "B=2=3", "A=4"],
  WorkingDir: "/work",
});

const options: HostSpecOptions = {
  privileges: "default",
  image,
  user: { uid: 1, gid: 2, additionalGids: [2] },
  mounts: [],
  cgroupsPath: "/host/a",
  lastCapability: 40,
};

describe("hostSpec()", () => {
  it("runs what the image says, or the command alone", () => {
    expect(hostSpec(options).process.args).toEqual(["/init", "--now"]);
    expect(hostSpec({ ...options, command: ["/sh", ""] }).process.args).toEqual(["/sh", ""]);
    const empty = parseConfig(undefined);
    expect(hostSpec({ ...options, image: empty, command: ["/sh"] }).process.cwd).toBe("/");
    for (const command of [undefined, []])
      expect(() => hostSpec({ ...options, image: empty, command })).toThrow(
        expect.objectContaining({ code: "containerd.no-command" }),
      );
  });

  it("has each variable once, the caller's before the image's, and a path", () => {
    const { env } = hostSpec({ ...options, env: { B: "", C: "=" } }).process;
    expect(env).toEqual([expect.stringMatching(/^PATH=/), "A=4", "B=", "C=="]);
    const own = parseConfig({ ...{ Cmd: ["/x"] }, Env: ["X=1", "PATH=/x"] });
    expect(hostSpec({ ...options, image: own }).process.env).toEqual(["PATH=/x", "X=1"]);
  });

  it("mounts what the caller wants last", () => {
    const mount = { destination: "/run/x", type: "bind", source: "/run/x", options: ["rbind"] };
    expect(hostSpec({ ...options, mounts: [mount] }).mounts.at(-1)).toEqual(mount);
  });

  it("gives every capability that the kernel knows, and no other, to the superpowered", () => {
    const capabilities = (lastCapability: number) =>
      hostSpec({ ...options, privileges: "superpowered", lastCapability }).process.capabilities;
    expect(capabilities(1).bounding).toEqual(["CAP_CHOWN", "CAP_DAC_OVERRIDE"]);
    expect(capabilities(40).effective).toHaveLength(41);
    expect(capabilities(63)).toEqual(capabilities(40));
    expect(new Set(capabilities(63).permitted).size).toBe(41);
  });

  it("is what containerd takes", () => {
    const { typeUrl, value } = encodeSpec(hostSpec(options));
    expect(typeUrl).toBe("types.containerd.io/opencontainers/runtime-spec/1/Spec");
    expect(JSON.parse(Buffer.from(value).toString())).toEqual(hostSpec(options));
  });
});

it("chainIdOf() hashes layers together", () => {
  const [a, b] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];
  expect(chainIdOf([])).toBe("");
  expect(chainIdOf([a])).toBe(a);
  expect(chainIdOf([a, b])).toBe(
    "sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c",
  );
});
