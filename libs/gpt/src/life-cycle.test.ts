import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bootOrder,
  cancelUpgrade,
  changeEntries,
  changeFlags,
  clearInactive,
  findSlots,
  markInactiveValid,
  markSuccessful,
  otherSlot,
  PARTITION_TYPE,
  planWrites,
  readGpt,
  refillTries,
  rollbackToInactive,
  SlotError,
  takeTry,
  upgradeToInactive,
  writeBootFlags,
  type BootFlags,
  type EntryChanges,
  type FlagsBySlot,
  type Gpt,
  type SlotName,
  type Slots,
  type Transition,
} from "./index.ts";
import { diskOf, makeDisk, type MemoryDisk } from "./memory-disk.ts";

/**
 * A machine that lives through arbitrary sequences of commands, boots, rot and power cuts, on real table bytes. What a
 * slot holds: `good` gets healthy, `bad` loads and never does, `noise` does not even load.
 */
type Content = "good" | "bad" | "noise";

/** Where the power goes: behind so many copies, of the next one only those sectors are on the disk whose bit is set. */
type Cut = { readonly copies: number; readonly sectors: number } | undefined;

const COMMANDS = {
  mark: markSuccessful,
  refill: refillTries,
  clear: clearInactive,
  valid: markInactiveValid,
  upgrade: upgradeToInactive,
  cancel: cancelUpgrade,
  rollback: rollbackToInactive,
} satisfies Record<string, Transition>;

type Event =
  | { readonly do: keyof typeof COMMANDS; readonly cut: Cut }
  /** `early`: the power goes, or the operator resets, before anything could be marked. */
  | { readonly do: "boot"; readonly cut: Cut; readonly early: boolean }
  | { readonly do: "rot"; readonly slot: SlotName; readonly content: Content }
  /** All of an update with the new slot in this condition. */
  | { readonly do: "update"; readonly content: Content };

const SHIPPED: BootFlags = { priority: 1, triesLeft: 7, successful: true };

class Machine {
  disk: MemoryDisk;
  content: Record<SlotName, Content> = { A: "good", B: "noise" };
  /** The slot whose userspace runs; undefined: the machine is off. */
  running: SlotName | undefined = "A";

  constructor(sectorSizeBytes: 512 | 4096) {
    const { boot, root, hash } = PARTITION_TYPE;
    const entries = [boot, root, hash, boot, root, hash].map(
      (typeGuid, index) => [index + 1, { typeGuid }] as const,
    );
    const attributes = writeBootFlags(0n, SHIPPED);
    const shape = { sectorSizeBytes, entryCount: 12, entrySizeBytes: 512, headerSizeBytes: 92 };
    this.disk = makeDisk(
      shape,
      new Map<number, EntryChanges>([...entries, [1, { typeGuid: boot, attributes }]]),
    );
  }

  read(): { gpt: Gpt; slots: Slots; flags: FlagsBySlot } {
    const gpt = readGpt(this.disk);
    const slots = findSlots(gpt.entries);
    return { gpt, slots, flags: { A: slots.A.flags, B: slots.B.flags } };
  }

  step(event: Event): void {
    if (event.do === "boot") this.boot(event.cut, event.early);
    else if (event.do === "rot") this.content[event.slot] = event.content;
    else if (event.do === "update") this.update(event.content);
    else this.command(event.do, event.cut);
  }

  private update(content: Content): void {
    this.command("clear", undefined);
    if (this.running === undefined) return;
    const inactive = otherSlot(this.running);
    // What writes a slot looks at the flags too.
    if (this.read().flags[inactive].priority > 0 || this.read().flags[inactive].successful) return;
    this.content[inactive] = content;
    this.command("valid", undefined);
    this.command("upgrade", undefined);
  }

  private command(name: keyof typeof COMMANDS, cut: Cut): void {
    if (this.running === undefined) return;
    // The gate: only a healthy boot is marked.
    if (name === "mark" && this.content[this.running] !== "good") return;
    const { flags } = this.read();
    try {
      if (!this.write(COMMANDS[name](flags, this.running), cut)) this.running = undefined;
      // The remains of a cleared slot load, but find no root.
      else if (name === "clear" && this.content[otherSlot(this.running)] === "good")
        this.content[otherSlot(this.running)] = "bad";
    } catch (error) {
      if (!(error instanceof SlotError)) throw error;
    }
  }

  /** What the selector does (kernel/selector/main.c): mend, then slot by slot take a try and load. */
  boot(cut: Cut, early: boolean): void {
    this.running = undefined;
    this.write(this.read().flags, undefined);
    for (const name of this.order()) {
      const { flags } = this.read();
      if (!this.write({ ...flags, [name]: takeTry(flags[name]) }, cut)) return;
      if (this.content[name] === "noise") continue;
      if (this.content[name] === "good" && !early) this.running = name;
      return;
    }
  }

  order(): SlotName[] {
    const { A, B } = this.read().flags;
    return bootOrder([
      { ...A, number: 1, name: "A" as const },
      { ...B, number: 4, name: "B" as const },
    ]).map(({ name }) => name);
  }

  /** False: the power went. */
  private write(flags: FlagsBySlot, cut: Cut): boolean {
    const { gpt, slots } = this.read();
    const copies = planWrites(gpt, changeEntries(gpt.header, gpt.table, changeFlags(slots, flags)));
    const bytes = Uint8Array.from(this.disk.bytes);
    const size = this.disk.sectorSizeBytes;
    let sector = 0;
    copies.forEach(({ writes }, index) => {
      for (const { offsetBytes, bytes: written } of writes)
        for (let at = 0; at < written.length; at += size) {
          const isLost =
            cut !== undefined &&
            (index > cut.copies ||
              (index === cut.copies && ((cut.sectors >> (sector++ % 30)) & 1) === 0));
          if (!isLost) bytes.set(written.subarray(at, at + size), offsetBytes + at);
        }
    });
    this.disk = diskOf(bytes, size);
    return cut === undefined;
  }

  /** As many boots as it takes until one is healthy, marked on the way; undefined: none of so many. */
  bootsToHealth(limit: number): number | undefined {
    const disk = this.disk;
    try {
      for (let boots = 1; boots <= limit; boots++) {
        this.boot(undefined, false);
        if (this.running !== undefined) return boots;
      }
      return undefined;
    } finally {
      this.disk = disk;
    }
  }
}

const cuts = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.record({ copies: fc.nat({ max: 1 }), sectors: fc.nat() }) },
);
const contents = fc.constantFrom<Content>("good", "bad", "noise");
const names = fc.constantFrom<SlotName>("A", "B");
const commands = fc.constantFrom<keyof typeof COMMANDS>(
  "mark",
  "refill",
  "clear",
  "valid",
  "upgrade",
  "cancel",
  "rollback",
);
const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: commands, cut: cuts }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("boot" as const), cut: cuts, early: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "boot" as const, cut: undefined, early: false }) },
  { weight: 2, arbitrary: fc.constant({ do: "mark" as const, cut: undefined }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("rot" as const), slot: names, content: contents }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("update" as const), content: contents }) },
);
const lives = fc.record({
  sector: fc.constantFrom<512 | 4096>(512, 4096),
  events: fc.array(events, { maxLength: 40, size: "max" }),
});

/** Lives through the events and checks after each of them. */
function live(sector: 512 | 4096, all: readonly Event[], check: (machine: Machine) => void): void {
  const machine = new Machine(sector);
  for (const event of all) {
    machine.step(event);
    check(machine);
  }
}

describe("whatever commands, boots, rot and power cuts come together", () => {
  it("the selector starts a slot as long as one loads", () => {
    fc.assert(
      fc.property(lives, ({ sector, events: all }) => {
        live(sector, all, (machine) => {
          const { content } = machine;
          const started = machine.order().find((name) => content[name] !== "noise");
          expect(started !== undefined).toBe(content.A !== "noise" || content.B !== "noise");
        });
      }),
      { numRuns: 100 },
    );
  });

  it("a proven slot that gets healthy and has a try is reached, whatever the other one is", () => {
    let checked = 0;
    fc.assert(
      fc.property(lives, ({ sector, events: all }) => {
        live(sector, all, (machine) => {
          const { flags } = machine.read();
          const isThere = (["A", "B"] as const).some(
            (name) =>
              flags[name].successful &&
              flags[name].triesLeft > 0 &&
              machine.content[name] === "good",
          );
          if (!isThere) return;
          checked += 1;
          const { running } = machine;
          // Each boot of the other slot takes one of its tries, and there are 7 at most.
          expect(machine.bootsToHealth(8)).toBeDefined();
          machine.running = running;
        });
      }),
      { numRuns: 100 },
    );
    expect(checked).toBeGreaterThan(100);
  });

  it(
    "a slot that runs and is marked is reached again although every further boot of the other fails",
    { timeout: 60_000 },
    () => {
      let checked = 0;
      fc.assert(
        fc.property(
          lives,
          fc.constantFrom<Content>("bad", "noise"),
          ({ sector, events: all }, other) => {
            live(sector, all, (machine) => {
              const { running } = machine;
              if (running === undefined || machine.content[running] !== "good") return;
              machine.step({ do: "mark", cut: undefined });
              const kept = { ...machine.content };
              machine.content[otherSlot(running)] = other;
              for (const command of ["upgrade", "rollback", "cancel", "refill"] as const) {
                const disk = machine.disk;
                machine.step({ do: command, cut: undefined });
                expect(machine.bootsToHealth(16)).toBeDefined();
                checked += 1;
                machine.disk = disk;
                machine.running = running;
              }
              machine.content = kept;
            });
          },
        ),
        { numRuns: 60 },
      );
      expect(checked).toBeGreaterThan(100);
    },
  );

  it("a slot that rots after it was marked gives way to the other proven one", () => {
    let checked = 0;
    fc.assert(
      fc.property(
        lives,
        fc.constantFrom<Content>("bad", "noise"),
        ({ sector, events: all }, rot) => {
          live(sector, all, (machine) => {
            const { running } = machine;
            if (running === undefined || machine.content[running] !== "good") return;
            machine.step({ do: "mark", cut: undefined });
            const other = otherSlot(running);
            const { flags } = machine.read();
            if (!flags[other].successful || flags[other].priority === 0) return;
            const kept = { ...machine.content };
            machine.content = running === "A" ? { A: rot, B: "good" } : { A: "good", B: rot };
            expect(machine.bootsToHealth(8)).toBeDefined();
            checked += 1;
            machine.content = kept;
            machine.running = running;
          });
        },
      ),
      { numRuns: 80 },
    );
    expect(checked).toBeGreaterThan(5);
  });

  it("one copy of the table is valid at every moment, and both after the next boot", () => {
    fc.assert(
      fc.property(lives, ({ sector, events: all }) => {
        live(sector, all, (machine) => {
          // Throws if neither is.
          machine.read();
          const { disk, running } = machine;
          machine.boot(undefined, false);
          expect(machine.read().gpt.stale).toEqual([]);
          machine.disk = disk;
          machine.running = running;
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe("a proven slot that stops booting", () => {
  it.each(["bad", "noise"] as const)(
    "gives way to the other one within its tries: %s",
    (content) => {
      const machine = new Machine(512);
      machine.step({ do: "update", content: "good" });
      machine.boot(undefined, false);
      machine.step({ do: "mark", cut: undefined });
      expect(machine.running).toBe("B");
      machine.content.B = content;
      expect(machine.bootsToHealth(8)).toBe(content === "noise" ? 1 : 8);
      for (let boot = 0; boot < 8; boot++) machine.boot(undefined, false);
      expect(machine.running).toBe("A");
      machine.step({ do: "mark", cut: undefined });
      // And back, should A be the one that rots next.
      machine.content = { A: "bad", B: "good" };
      expect(machine.bootsToHealth(8)).toBe(8);
    },
  );

  it("reboots three times in a hurry and keeps its place", () => {
    const machine = new Machine(512);
    for (let reboot = 0; reboot < 20; reboot++) {
      machine.boot(undefined, false);
      expect(machine.running).toBe("A");
      machine.step({ do: "refill", cut: undefined });
    }
    expect(machine.read().flags.A).toEqual(SHIPPED);
  });
});
