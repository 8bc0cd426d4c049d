import { createMemoryFs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { readOsFacts } from "./os-facts.ts";

function uevent(number: number, label: string): string {
  return `MAJOR=254\nMINOR=${number}\nDEVNAME=vda${number}\nDEVTYPE=partition\nDISKSEQ=9\nPARTN=${number}\nPARTNAME=${label}\n`;
}

const HASH = "0123456789abcdef".repeat(4);

describe("readOsFacts()", () => {
  it.each([
    [3, 4, "A"],
    [6, 7, "B"],
    [12, 11, "B"],
  ])("finds the slot of partition %i by its label", async (root, hash, slot) => {
    const fs = createMemoryFs({
      "/usr/lib/os-release":
        'PRETTY_NAME="Ballast 1"\nVERSION_ID=1.2.3\nVARIANT_ID=standalone\nBUILD_ID=x\n',
      [`/sys/block/dm-0/slaves/vda${hash}/uevent`]: uevent(hash, `BALLAST-HASH-${slot}`),
      [`/sys/block/dm-0/slaves/vda${root}/uevent`]: uevent(root, `BALLAST-ROOT-${slot}`),
      "/proc/cmdline": `root=/dev/dm-0 ro dm-mod.create="root,,,ro,0 8 verity 1 PARTUUID=a PARTUUID=b 4096 4096 1 1 sha256 ${HASH} aa 1 panic_on_corruption" quiet\n`,
    });
    expect(await readOsFacts(fs, "x64")).toEqual({
      pretty_name: "Ballast 1",
      variant_id: "standalone",
      version_id: "1.2.3",
      build_id: "x",
      arch: "x86_64",
      slot,
      root_hash: HASH,
    });
  });

  it.each(["root", "BALLAST-ROOT-C", "xBALLAST-ROOT-A"])(
    "knows no slot of label %s",
    async (label) => {
      const fs = createMemoryFs({ "/sys/block/dm-0/slaves/vda3/uevent": uevent(3, label) });
      expect((await readOsFacts(fs, "x64")).slot).toBeNull();
    },
  );

  it("says null where there is no verity device", async () => {
    const facts = await readOsFacts(createMemoryFs(), "arm64");
    expect(facts).toMatchObject({
      slot: null,
      root_hash: null,
      arch: "aarch64",
      version_id: "unknown",
    });
  });
});
