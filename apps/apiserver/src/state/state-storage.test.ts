import { createMemoryFs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { readStateStorage, stateCheck } from "./state-storage.ts";

const ROOT = "/dev/mapper/root / erofs ro,relatime 0 0\n";
const EXT4 =
  "/dev/vda8 /var/lib/ballast ext4 rw,nosuid,nodev,noexec,noatime,errors=remount-ro 0 0\n";
const TMPFS = "tmpfs /var/lib/ballast tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0\n";
const FSCK =
  "e2fsck: Bad magic number\n\n  BALLAST-STATE: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n";

function read(mounts: string | undefined, reason?: string) {
  return readStateStorage(
    createMemoryFs({
      ...(mounts === undefined ? {} : { [PATHS.ownMounts]: mounts }),
      ...(reason === undefined ? {} : { [PATHS.stateVolatile]: reason }),
    }),
  );
}

describe("readStateStorage()", () => {
  it("is stored on STATE, whatever an earlier start of user space left behind", async () => {
    expect(await read(ROOT + EXT4, FSCK)).toEqual({ kind: "stored", reason: null });
    expect(stateCheck(await read(ROOT + EXT4), undefined)).toEqual({ name: "state", status: "ok" });
  });

  it("is volatile on a tmpfs, for the reason that the check or mount gave", async () => {
    const storage = await read(ROOT + EXT4 + TMPFS, FSCK);
    const reason =
      "e2fsck: Bad magic number; BALLAST-STATE: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.";
    expect(storage).toEqual({ kind: "volatile", reason });
    expect(stateCheck(storage, undefined)).toEqual({
      name: "state",
      status: "failed",
      reason: `settings are volatile, the next start loses them: STATE cannot be used: ${reason}`,
    });
    expect(await read(TMPFS, "\n")).toEqual({ kind: "volatile", reason: null });
    const long = (await read(TMPFS, `${"x".repeat(5000)}end`)).reason;
    expect(long).toMatch(/^…x+end$/);
    expect(long?.length).toBeLessThan(1000);
  });

  it.each(["ro,nosuid", "rw,errors=remount-ro,emergency_ro"])(
    "is read-only with the options %s",
    async (options) => {
      const storage = await read(`/dev/vda8 /var/lib/ballast ext4 ${options} 0 0\n`);
      expect(storage.kind).toBe("read-only");
      expect(stateCheck(storage, undefined)).toMatchObject({
        status: "failed",
        reason: expect.stringContaining("STATE is read-only"),
      });
    },
  );

  it("fails while the last write failed", () => {
    const storage = { kind: "stored", reason: null } as const;
    expect(stateCheck(storage, "the disk is full")).toEqual({
      name: "state",
      status: "failed",
      reason: "the disk is full",
    });
  });
});
