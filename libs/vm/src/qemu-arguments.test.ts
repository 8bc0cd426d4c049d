import { describe, expect, it } from "vitest";
import { qemuArguments, type MachineOptions } from "./qemu-arguments.ts";

const OPTIONS: MachineOptions = {
  name: "test",
  disk: "/d/disk,1.qcow2",
  diskFormat: "qcow2",
  variableStore: "/d/vars.qcow2",
  accelerator: "tcg",
  memoryMiB: 1024,
  cpus: 2,
  uuid: "00000000-0000-4000-8000-000000000001",
  apiPort: 0,
};
const WIRING = { firmwareCode: "/f/code.fd", qmpSocket: "/s/q,m", consoleSocket: "/s/c" };

/** Values of every occurrence of an option. */
function values(option: string, change: Partial<MachineOptions> = {}): string[] {
  const args = qemuArguments({ ...OPTIONS, ...change }, WIRING);
  return args.filter((_, index) => args[index - 1] === option);
}

function node(name: string, change: Partial<MachineOptions> = {}): unknown {
  return values("-blockdev", change)
    .map((text) => JSON.parse(text))
    .find((candidate) => candidate["node-name"] === name);
}

describe("qemuArguments()", () => {
  it("forwards a port of the loop-back address only", () => {
    expect(values("-netdev")).toEqual(["user,id=net0,hostfwd=tcp:127.0.0.1:0-:8443"]);
    expect(values("-netdev", { isIsolated: true, apiPort: 9 })).toEqual([
      "user,id=net0,hostfwd=tcp:127.0.0.1:9-:8443,restrict=on",
    ]);
  });

  it("forwards what is published beside it", () => {
    const published = [{ hostPort: 8080, guestPort: 80 }];
    expect(values("-netdev", { published })).toEqual([
      "user,id=net0,hostfwd=tcp:127.0.0.1:0-:8443,hostfwd=tcp:127.0.0.1:8080-:80",
    ]);
  });

  it("plugs in more cards after that of the API", () => {
    const cards = [{ id: "wire", mac: "52:54:00:00:00:02", plug: "socket,udp=127.0.0.1:9" }];
    expect(values("-netdev", { cards }).slice(1)).toEqual(["socket,udp=127.0.0.1:9,id=wire"]);
    expect(values("-device", { cards })).toContain(
      "virtio-net-pci,netdev=wire,mac=52:54:00:00:00:02,romfile=",
    );
  });

  it("doubles commas where QEMU splits at them, and not in JSON", () => {
    expect(values("-chardev")[0]).toBe("socket,id=qmp,path=/s/q,,m");
    expect(values("-smbios", { oemStrings: ["a=b,c"], manufacturer: "X, Y" })).toEqual([
      "type=1,manufacturer=X,, Y",
      "type=11,value=a=b,,c",
    ]);
    expect(node("disk")).toMatchObject({ file: { filename: "/d/disk,1.qcow2" } });
  });

  it("sets the clock at power-on, if told", () => {
    expect(values("-rtc")).toEqual([]);
    expect(values("-rtc", { clock: "2036-01-02T03:04:05" })).toEqual(["base=2036-01-02T03:04:05"]);
  });

  it("puts the write log between guest and disk", () => {
    expect(node("disk", { writeLog: "/d/log" })).toMatchObject({
      driver: "blklogwrites",
      file: { driver: "qcow2" },
      log: { driver: "file", filename: "/d/log" },
    });
  });

  it("keeps the guest's hands off the variables that Secure Boot obeys", () => {
    expect(values("-machine")).toEqual(["q35,pflash0=firmware-code,pflash1=firmware-vars"]);
    expect(values("-global")).toEqual([]);
    expect(values("-machine", { isSecureBoot: true })).toEqual([
      "q35,pflash0=firmware-code,pflash1=firmware-vars,smm=on",
    ]);
    expect(values("-global", { isSecureBoot: true })).toEqual([
      "driver=cfi.pflash01,property=secure,value=on",
    ]);
  });

  it("resets a guest whose watchdog fires", () => {
    expect(values("-action")).toEqual(["watchdog=reset"]);
    expect(values("-device")).toContain("i6300esb");
  });

  it("offers user data as firmware item or as a labelled volume", () => {
    expect(values("-fw_cfg", { userDataFile: "/u" })).toEqual([
      "name=opt/ballast/user-data,file=/u",
    ]);
    expect(node("volume", { volume: { directory: "/v", label: "BALLAST" } })).toMatchObject({
      driver: "vvfat",
      label: "BALLAST",
      "read-only": true,
      // The guest's kernel reads no MBR.
      floppy: true,
    });
  });
});
