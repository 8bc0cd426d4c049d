import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleProblems } from "./check-bundle.ts";
import { lateBuiltins } from "./late-builtins.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ballast-late-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function bundled(code: string) {
  await writeFile(join(folder, "main.ts"), code);
  const outfile = join(folder, "main.cjs");
  const result = await build({
    entryPoints: [join(folder, "main.ts")],
    bundle: true,
    format: "cjs",
    platform: "node",
    minify: true,
    metafile: true,
    write: false,
    plugins: [lateBuiltins],
    absWorkingDir: folder,
    outfile,
  });
  const text = result.outputFiles[0]?.text ?? "";
  await writeFile(outfile, text);
  return {
    problems: bundleProblems(text, result.metafile),
    run: () => execa(process.execPath, ["--jitless", outfile]),
  };
}

describe("lateBuiltins", () => {
  it("loads a module when something of it is first used", async () => {
    const { run } = await bundled(`
      import { constants } from "node:http2";
      import { createHash, X509Certificate } from "node:crypto";
      import * as zlib from "node:zlib";
      import tls from "node:tls";
      const loaded = (name: string) => process.moduleLoadList.includes("NativeModule " + name);
      const seen = [["http2", "crypto", "zlib", "tls"].map(loaded)];
      seen.push([createHash("sha256").update("x").digest("hex").length, loaded("crypto"), loaded("http2")]);
      seen.push([{} instanceof X509Certificate, constants.HTTP2_HEADER_METHOD, loaded("http2")]);
      seen.push([zlib.gunzipSync(zlib.gzipSync("x")).toString(), tls.DEFAULT_MAX_VERSION]);
      console.log(JSON.stringify(seen));`);
    expect(JSON.parse((await run()).stdout)).toEqual([
      [false, false, false, false],
      [64, true, false],
      [false, ":method", true],
      ["x", "TLSv1.3"],
    ]);
  });

  it("hides no module from the check of what a bundle may use", async () => {
    const { problems } = await bundled(
      'import { run } from "node:test"; import { request } from "node:https"; run(); request("x")',
    );
    expect(problems).toEqual(['it imports "node:test"']);
  });
});
