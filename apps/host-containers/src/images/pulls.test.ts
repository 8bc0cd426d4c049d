import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Pulls } from "./pulls.ts";

/** Pulls that end when they are told to. */
function controlled(max: number) {
  const pulls = new Pulls(max);
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const begun: string[] = [];
  const signal = new AbortController().signal;
  return {
    begun,
    end: (reference: string) => ends.get(reference)?.resolve(`id of ${reference}`),
    fail: (reference: string) => ends.get(reference)?.reject(new Error("it fails")),
    run: (reference: string, until = signal) =>
      pulls.run(reference, until, () => {
        begun.push(reference);
        const own = Promise.withResolvers<string>();
        ends.set(reference, own);
        return own.promise;
      }),
  };
}

describe("Pulls", () => {
  it("pulls so many at a time, in the order in which they were asked for", async () => {
    const { run, end, fail, begun } = controlled(2);
    const results = ["a", "b", "c", "d"].map((name) => run(name));
    const failed = results[0]?.catch(String);
    await turn();
    expect(begun).toEqual(["a", "b"]);
    fail("a");
    await turn();
    expect(begun).toEqual(["a", "b", "c"]);
    end("c");
    await turn();
    for (const name of ["b", "d"]) end(name);
    expect(await failed).toContain("it fails");
    expect(await Promise.all(results.slice(1))).toEqual(["id of b", "id of c", "id of d"]);
    const later = run("a");
    await turn();
    end("a");
    expect(await later).toBe("id of a");
  });

  it("pulls once what several ask for, and again when that is over", async () => {
    const { run, end, begun } = controlled(1);
    const both = [run("a"), run("a")];
    await turn();
    end("a");
    expect(await Promise.all(both)).toEqual(["id of a", "id of a"]);
    void run("a");
    await turn();
    expect(begun).toEqual(["a", "a"]);
  });

  it("lets one that waits give up, and passes its turn on", async () => {
    const { run, end, begun } = controlled(1);
    const stop = new AbortController();
    const first = run("a");
    const second = run("b", stop.signal);
    const third = run("c");
    const gaveUp = second.catch(String);
    await turn();
    stop.abort(new Error("too long"));
    expect(await gaveUp).toContain("too long");
    await expect(run("d", stop.signal)).rejects.toThrow("too long");
    end("a");
    await first;
    await turn();
    expect(begun).toEqual(["a", "c"]);
    end("c");
    await third;
  });
});
