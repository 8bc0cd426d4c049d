import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Places } from "./places.ts";
import { run } from "./test-disk.ts";

const GUID = "9827a087-6bb9-4c6f-81e2-7dd9ee596f0b";
const SIGNED = "root=/dev/dm-0 quiet ballast.parameters";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "signpost-parameters-"));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

let places: Places;
let machines = 0;
beforeEach(() => {
  const root = path.join(folder, String((machines += 1)));
  places = {
    sys: path.join(root, "sys"),
    proc: path.join(root, "proc"),
    dev: path.join(root, "dev"),
    run: path.join(root, "run"),
  };
  for (const made of [variables(), places.proc, path.join(places.run, "etc")])
    fs.mkdirSync(made, { recursive: true });
  put("LoaderInfo", "x");
});

function variables(): string {
  return path.join(places.sys, "firmware/efi/efivars");
}

function fileOf(name: string): string {
  return path.join(variables(), `${name}-${GUID}`);
}

function put(name: string, text: string): void {
  fs.writeFileSync(fileOf(name), Buffer.concat([Buffer.of(7, 0, 0, 0), Buffer.from(text)]));
}

/** The value of a variable, which must have been written as one that is kept. */
function read(name: string): string | undefined {
  if (!fs.existsSync(fileOf(name))) return undefined;
  const bytes = fs.readFileSync(fileOf(name));
  expect([...bytes.subarray(0, 4)]).toEqual([7, 0, 0, 0]);
  return bytes.subarray(4).toString();
}

function want(text: string): void {
  fs.writeFileSync(path.join(places.run, "etc/boot-parameters"), text);
}

/** What the command answers. */
async function answer(command: string): Promise<unknown> {
  const { status, stdout } = await run([command, "--json"], places);
  return status === 0 ? JSON.parse(stdout) : status;
}

describe("write-parameters", () => {
  it("asks, asks for something else, and for nothing, and says whether it changed anything", async () => {
    for (const text of ["hugepages=64 nosmt", "nosmt", "nosmt psi=1"]) {
      want(text);
      expect(await answer("write-parameters")).toEqual({ changed: true });
      expect(read("BallastParameters")).toBe(text);
      expect(await answer("write-parameters")).toEqual({ changed: false });
    }
    want("");
    expect(await answer("write-parameters")).toEqual({ changed: true });
    expect(read("BallastParameters")).toBeUndefined();
    expect(await answer("write-parameters")).toEqual({ changed: false });
  });

  it("leaves a set that was refused refused, until it is asked for anew", async () => {
    put("BallastParameters", "nosmt");
    put("BallastParametersState", "Tnosmt");
    want("nosmt");
    expect(await answer("write-parameters")).toEqual({ changed: false });
    expect(read("BallastParametersState")).toBe("Tnosmt");
    want("");
    await answer("write-parameters");
    want("nosmt");
    await answer("write-parameters");
    expect(read("BallastParametersState")).toBeUndefined();
  });

  it("keeps the proof of a set that is asked for anew", async () => {
    put("BallastParametersState", "Pnosmt");
    want("nosmt");
    expect(await answer("write-parameters")).toEqual({ changed: true });
    expect(read("BallastParametersState")).toBe("Pnosmt");
  });

  it.each(["a\nb", "a  b", "a\tb", "\u00e9", "x".repeat(1001)])(
    "refuses %j, which would be no parameters",
    async (text) => {
      want(text);
      expect(await answer("write-parameters")).toBe(65);
      expect(read("BallastParameters")).toBeUndefined();
    },
  );

  it("says when the firmware has no variables or takes none, and needs none for nothing", async () => {
    want("nosmt");
    fs.chmodSync(variables(), 0o500);
    fs.mkdirSync(fileOf("BallastParameters"));
    const { status, stdout } = await run(["write-parameters", "--json"], places);
    expect(status).toBe(69);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "signpost.no-variables", message: expect.stringMatching(/EFI variable/) },
    });
    fs.rmSync(places.sys, { recursive: true });
    expect((await run(["write-parameters"], places)).stderr).toContain(
      "it offers no variables to the running system",
    );
    want("");
    expect(await answer("write-parameters")).toEqual({ changed: false });
  });
});

describe("prove-parameters", () => {
  function boot(parameters: string): void {
    fs.writeFileSync(path.join(places.proc, "cmdline"), `${SIGNED}${parameters}\n`);
  }

  it("notes what the command line of this boot has", async () => {
    boot(" hugepages=64 nosmt");
    put("BallastParametersTrial", "1\0\0\0");
    put("BallastParametersState", "Thugepages=64 nosmt");
    // Somebody has set something else since.
    put("BallastParameters", "psi=1");
    expect(await answer("prove-parameters")).toEqual({ changed: true });
    expect(read("BallastParametersState")).toBe("Phugepages=64 nosmt");
    expect(await answer("prove-parameters")).toEqual({ changed: false });
  });

  it("proves nothing in a boot that tries nothing", async () => {
    boot(" nosmt");
    put("BallastParametersState", "Tnosmt");
    expect(await answer("prove-parameters")).toEqual({ changed: false });
    put("BallastParametersTrial", "1\0\0\0");
    boot("");
    expect(await answer("prove-parameters")).toEqual({ changed: false });
    expect(read("BallastParametersState")).toBe("Tnosmt");
  });
});
