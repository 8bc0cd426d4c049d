/** A line that looks like trouble and is none. */
export interface AllowedLine {
  readonly pattern: RegExp;
  /** Why it is no trouble: what causes it and why that is right. */
  readonly reason: string;
  /** With KVM the line is unexpected after all. */
  readonly isOnlyEmulated?: true;
}

/** For the first boot of a case that makes the disk larger than its image; anywhere else it is damage. */
export const GROWN_DISK: AllowedLine = {
  pattern:
    /^(?:GPT:Primary header thinks Alt\. header is not at the end of the disk\.|GPT:Alternate GPT header not at the end of the disk\.|GPT:\d+ != \d+|GPT: Use GNU Parted to correct GPT errors\.)$/,
  reason: "The backup table is no longer at the end of the disk until systemd-repart has moved it.",
};

/** For a case that makes the kernel panic: what it prints after the line that names the reason. */
export const PANIC_REPORT: AllowedLine = {
  pattern:
    /^(?:CPU: \d+ UID: 0 PID: \d+ Comm: (?:kworker\/\S+|swapper\/\d+) |Hardware name: QEMU |Workqueue: kverityd |Call Trace:$|<\/?TASK>$|(?:\? )?[\w.]+\+0x[0-9a-f]+\/0x[0-9a-f]+$|Kernel Offset: |Rebooting in \d+ seconds)/,
  reason: "A panic prints where it happened, and what follows.",
};

/** For a case that makes the root differ from what was signed: the first read of that block stops the kernel. */
export const CORRUPT_ROOT: readonly AllowedLine[] = [
  { pattern: /device-mapper: verity.*corrupted/, reason: "The case corrupts the root." },
  { pattern: /Kernel panic.*verity/, reason: "The root is opened with panic_on_corruption." },
  PANIC_REPORT,
];

/**
 * What every VM case tolerates on the console and in the journal. A pattern names its source and its text as narrowly
 * as it can: a line that is not understood is not allowed here but reported.
 */
export const ALLOWED_LINES: readonly AllowedLine[] = [
  {
    pattern:
      /^tsc: (?:Unable to calibrate against PIT|PIT calibration deviates from (?:HPET|PMTIMER): \d+ \d+)$/,
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
    pattern: /^watchdog: watchdog0: watchdog did not stop!$/,
    reason:
      "On a reboot systemd hands the watchdog on without stopping it (RebootWatchdogSec=), so that it also ends a reboot that hangs.",
  },
  {
    pattern: /^systemd-shutdown\[1\]: Unable to finalize remaining DM devices, ignoring\.$/,
    reason:
      "The device that remains is the verity device below the root, which is in use until the end.",
  },
  {
    pattern: /^reboot: (?:Power down|Restarting system)$/,
    reason: "The kernel's last words after a clean shutdown, which it says as an emergency.",
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
    pattern:
      /^(?:clocksource: timekeeping watchdog on CPU\d+: Marking clocksource 'tsc' as unstable because the skew is too large:|clocksource: +'(?:hpet|acpi_pm)' wd_nsec: .+|clocksource: +'tsc' (?:cs_nsec: .+|is current clocksource\.)|clocksource: +Clocksource 'tsc' skewed -?\d+ ns .+|TSC found unstable after boot, most likely due to broken BIOS\. Use 'tsc=unstable'\.)$/,
    reason:
      "The emulated processor's clock and the timer drift apart while the emulation waits for a busy host; the kernel goes on with the timer.",
    isOnlyEmulated: true,
  },
  {
    pattern: /^clocksource: Not enough CPUs to check clocksource 'tsc'\.$/,
    reason:
      "After such a drift the kernel wants to compare the clocks of several processors, and an emulated guest has one.",
    isOnlyEmulated: true,
  },
  {
    pattern: /^hpet: Lost \d+ RTC interrupts$/,
    reason: "The emulated timer fired while the emulation was waiting for a busy host.",
    isOnlyEmulated: true,
  },
  {
    pattern: /^hrtimer: interrupt took \d+ ns$/,
    reason: "The emulation was stopped by a busy host while the guest handled a timer.",
    isOnlyEmulated: true,
  },
];
