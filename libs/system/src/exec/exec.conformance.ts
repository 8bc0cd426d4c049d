import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { Exec } from "./exec.ts";

/** The programs that an adapter must offer to this suite, by absolute path. */
export const PROGRAMS = { echo: "/bin/say", fail: "/bin/fail", cat: "/bin/cat" } as const;

/**
 * What every adapter of the Exec port must do. `make` gives the programs of {@link PROGRAMS}: `say` prints its
 * arguments, `fail` prints "bad" as error and exits with 3, `cat` prints its input.
 */
export function execConformance(name: string, make: () => Exec): void {
  describe(`Exec: ${name}`, () => {
    it("answers what was printed", async () => {
      const result = await make().run({ file: PROGRAMS.echo, args: ["a b", "$HOME"] });
      expect(result).toEqual({ exitCode: 0, stdout: "a b $HOME\n", stderr: "" });
    });

    it("answers a non-zero exit code as it is", async () => {
      const result = await make().run({ file: PROGRAMS.fail, args: [] });
      expect(result).toEqual({ exitCode: 3, stdout: "", stderr: "bad\n" });
    });

    it("gives input", async () => {
      const result = await make().run({ file: PROGRAMS.cat, args: [], input: "in" });
      expect(result.stdout).toBe("in");
    });

    it("rejects when the program does not exist", async () => {
      await expect(make().run({ file: "/bin/none", args: [] })).rejects.toMatchObject({
        code: "system.spawn",
      });
    });

    it("streams what is printed and then the end", async () => {
      const signal = new AbortController().signal;
      const { stdout, ended } = make().stream({ file: PROGRAMS.echo, args: ["x"] }, signal);
      expect(await text(stdout)).toBe("x\n");
      expect(await ended).toEqual({ exitCode: 0, stderr: "" });
    });

    it("streams an end without a code when the program does not exist", async () => {
      const signal = new AbortController().signal;
      const { ended } = make().stream({ file: "/bin/none", args: [] }, signal);
      expect((await ended).exitCode).toBeUndefined();
    });
  });
}
