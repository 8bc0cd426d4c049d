import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { execConformance, PROGRAMS } from "./exec.conformance.ts";
import { createMemoryExec } from "./memory-exec.ts";
import { createNodeExec } from "./node-exec.ts";

/** Real programs on a root of their own. */
function programRoot(extra: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "ballast-exec-"));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  mkdirSync(join(root, "bin"));
  const programs = {
    [PROGRAMS.echo]: 'echo "$@"',
    [PROGRAMS.fail]: "echo bad >&2; exit 3",
    [PROGRAMS.cat]: "exec /bin/cat",
    ...extra,
  };
  for (const [path, script] of Object.entries(programs)) {
    writeFileSync(join(root, path), `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, path), 0o755);
  }
  return root;
}

execConformance("node", () => createNodeExec(programRoot()));
execConformance("memory", () =>
  createMemoryExec({
    [PROGRAMS.echo]: ({ args }) => ({ exitCode: 0, stdout: `${args.join(" ")}\n`, stderr: "" }),
    [PROGRAMS.fail]: () => ({ exitCode: 3, stdout: "", stderr: "bad\n" }),
    [PROGRAMS.cat]: ({ input }) => ({ exitCode: 0, stdout: input ?? "", stderr: "" }),
  }),
);

describe("createNodeExec()", () => {
  it("kills a program that takes too long", async () => {
    const exec = createNodeExec(programRoot({ "/bin/slow": "exec sleep 60" }));
    const slow = exec.run({ file: "/bin/slow", args: [], timeoutMs: 100 });
    await expect(slow).rejects.toMatchObject({ code: "system.timeout" });
  });

  it("kills a program that does not want to end", async () => {
    const root = programRoot({ "/bin/stubborn": "trap '' TERM; while :; do sleep 0.1; done" });
    const stubborn = createNodeExec(root).run({ file: "/bin/stubborn", args: [], timeoutMs: 100 });
    await expect(stubborn).rejects.toMatchObject({ code: "system.timeout" });
  });

  it("keeps no answer without an end", async () => {
    const root = programRoot({ "/bin/flood": "exec /usr/bin/head -c 50000000 /dev/zero" });
    const flood = createNodeExec(root).run({ file: "/bin/flood", args: [] });
    await expect(flood).rejects.toMatchObject({ code: "system.too-large" });
  });

  it("says which signal ended a program", async () => {
    const exec = createNodeExec(programRoot({ "/bin/crash": "kill -SEGV $$" }));
    await expect(exec.run({ file: "/bin/crash", args: [] })).rejects.toMatchObject({
      code: "system.spawn",
      cause: "ended by SIGSEGV",
    });
  });

  it("takes a program that does not read its input", async () => {
    const exec = createNodeExec(programRoot());
    const request = { file: PROGRAMS.echo, args: ["x"], input: "y".repeat(1_000_000) };
    expect((await exec.run(request)).stdout).toBe("x\n");
  });

  it("passes nothing of its own environment on", async () => {
    process.env["BALLAST_SECRET"] = "x";
    const { stdout } = await createNodeExec().run({ file: "/usr/bin/env", args: [] });
    expect(stdout).not.toContain("BALLAST_SECRET");
    expect(stdout).toContain("LANG=C.UTF-8");
  });

  it("ends a streamed program with the signal", async () => {
    const exec = createNodeExec(programRoot({ "/bin/follow": "echo a; exec sleep 60" }));
    const stop = new AbortController();
    const { stdout, ended } = exec.stream({ file: "/bin/follow", args: [] }, stop.signal);
    await new Promise((resolve) => {
      stdout.once("readable", resolve);
    });
    stop.abort();
    expect((await ended).exitCode).toBeUndefined();
  });

  it("does not start what nobody wants any more to the end", async () => {
    const exec = createNodeExec(programRoot({ "/bin/follow": "echo a; exec sleep 60" }));
    const { ended } = exec.stream({ file: "/bin/follow", args: [] }, AbortSignal.abort());
    expect((await ended).exitCode).toBeUndefined();
  });

  it("reads no faster than the reader", async () => {
    const root = programRoot({ "/bin/flood": "exec /usr/bin/head -c 50000000 /dev/zero" });
    const stop = new AbortController();
    const { stdout, ended } = createNodeExec(root).stream(
      { file: "/bin/flood", args: [] },
      stop.signal,
    );
    await delay(300);
    expect(stdout.readableLength).toBeLessThan(1_000_000);
    stop.abort();
    await ended;
  });
});
