/** A line that looks like trouble and is none. */
export interface AllowedLine {
  readonly pattern: RegExp;
  /** Why it is no trouble: what causes it and why that is right. */
  readonly reason: string;
  /** With KVM the line is unexpected after all. */
  readonly isOnlyEmulated?: true;
}

/**
 * What every VM case tolerates on the console and in the journal. A pattern names its source and its text as narrowly
 * as it can: a line that is not understood is not allowed here but reported.
 */
export const ALLOWED_LINES: readonly AllowedLine[] = [
  {
    pattern: /^(?:GPT:|Alternate GPT|Primary header thinks Alt\. header|\d+ != \d+)/,
    reason:
      "The disk was made larger than its image: the backup table is no longer at the end until systemd-repart has moved it on the first boot.",
  },
  {
    pattern: /^tsc: Unable to calibrate against PIT$/,
    reason:
      "Emulation runs too unevenly to measure the processor's clock with the emulated timer; the kernel falls back to other clocks.",
    isOnlyEmulated: true,
  },
  {
    pattern: /^mtrr: your CPUs had inconsistent (?:fixed MTRR|variable MTRR|MTRRdefType) settings$/,
    reason:
      "OVMF sets the memory types of the first emulated processor only; the kernel says so and corrects the others.",
  },
  {
    pattern: /^Warning: Processor Platform Limit event detected, but not handled\.$/,
    reason:
      "QEMU's ACPI tables announce processor limits, and the kernel has no frequency scaling (CONFIG_CPU_FREQ) to follow them with.",
  },
  {
    pattern: /^Consider compiling CPUfreq support into your kernel\.$/,
    reason: "Second line of the message about processor limits.",
  },
  {
    pattern:
      /^(?:\.\.MP-BIOS bug: 8254 timer not connected to IO-APIC|APIC timer disabled due to verification failure|APIC calibration not consistent with PM-Timer: \d+ms instead of 100ms|Could not switch to high resolution mode on CPU \d+)$/,
    reason:
      "The kernel measures its timers against each other for some milliseconds at boot. On a busy host the emulation does not get to run in that time, and the kernel goes on with the coarser timer.",
    isOnlyEmulated: true,
  },
  {
    pattern: /^clocksource: Long readout interval, skipping watchdog check: /,
    reason:
      "The emulation was not run for a while between two readings of the clock; the kernel notices and discards them.",
    isOnlyEmulated: true,
  },
  {
    pattern: /^hrtimer: interrupt took \d+ ns$/,
    reason: "The emulation was stopped by a busy host while the guest handled a timer.",
    isOnlyEmulated: true,
  },
];
