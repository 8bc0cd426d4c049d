import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContext, makeKeys, revoke, signImage, type Context } from "@ballast/harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const KERNEL = join(import.meta.dirname, "../../../kernel");
const UNSIGNED = join(KERNEL, "dist/BOOTX64.EFI");

let work: string;
let context: Context;
let keys: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "ballast-signing-"));
  keys = join(work, "keys");
  await makeKeys(keys);
  context = await createContext(KERNEL, process.env, join(work, "dist"));
}, 600_000);

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

async function sign(name: string, directory = keys): Promise<Buffer> {
  const target = join(work, name, "BOOTX64.EFI");
  await mkdir(join(work, name));
  await signImage(context, directory, { source: UNSIGNED, target });
  return readFile(target);
}

function verify(image: Buffer, name: string): Promise<string> {
  const folder = join(work, name);
  return mkdir(folder)
    .then(() => writeFile(join(folder, "image"), image))
    .then(() =>
      context.run(["sbverify", "--cert", "/tmp/db.pem", "/src/image"], {
        readOnly: { "/src": folder, "/tmp/db.pem": join(keys, "db.pem") },
      }),
    );
}

describe("signing an EFI image", { timeout: 120_000 }, () => {
  it("gives the same bytes at another time", async () => {
    const first = await sign("first");
    // The signature's time counts seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await sign("second")).equals(first)).toBe(true);
  });

  it("is undone by every change, and not believed of other keys", async () => {
    const image = await sign("good");
    await verify(image, "whole");
    for (const [index, position] of [0x400, 0x2000, 0x3c10].entries()) {
      const changed = Buffer.from(image);
      changed.writeUInt8(changed.readUInt8(position) ^ 1, position);
      await expect(verify(changed, `changed-${index}`)).rejects.toThrow("Hash doesn't match image");
    }
    const others = join(work, "other-keys");
    await makeKeys(others);
    await expect(verify(await sign("by-others", others), "foreign")).rejects.toThrow(
      "Signature verification failed",
    );
  });

  it("covers the hash by which the image is revoked", async () => {
    const image = await sign("revoked");
    const signed = join(work, "revoked/BOOTX64.EFI");
    const { hashes } = await revoke(keys, [UNSIGNED, signed]);
    // Signed or not, it is one image; and sbsign, which is not ours, put the same hash into its signature.
    expect(hashes).toHaveLength(1);
    expect(image.indexOf(Buffer.from(`0420${hashes[0]}`, "hex"))).toBeGreaterThan(0);
    const list = await readFile(join(keys, "dbx.esl"));
    await copyFile(join(KERNEL, "dist/bzImage"), join(work, "another"));
    await revoke(keys, [join(work, "another")]);
    const longer = await readFile(join(keys, "dbx.esl"));
    expect(longer.length).toBe(list.length + 48);
    expect(longer.subarray(28, list.length).equals(list.subarray(28))).toBe(true);
  });

  it("leaves nothing of the private key in what it makes", async () => {
    const image = await sign("secret");
    const pem = await readFile(join(keys, "db.key"), "utf8");
    const der = Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ""), "base64");
    // The first prime of the key, somewhere in the middle of it.
    expect(image.indexOf(der.subarray(700, 760))).toBe(-1);
    expect(image.indexOf(pem.split("\n")[5] ?? "")).toBe(-1);
  });
});
