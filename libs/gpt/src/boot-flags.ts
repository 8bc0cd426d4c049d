import { GptError } from "./errors.ts";

/** What the selector reads from the attributes of a BOOT partition. */
export interface BootFlags {
  /** 0 to 15, bits 48–51; 0 is never a candidate. */
  readonly priority: number;
  /** 0 to 15, bits 52–55. */
  readonly triesLeft: number;
  /** Bit 56. */
  readonly successful: boolean;
}

const FLAG_BITS = 0x01ff_0000_0000_0000n;

export function readBootFlags(attributes: bigint): BootFlags {
  return {
    priority: Number((attributes >> 48n) & 15n),
    triesLeft: Number((attributes >> 52n) & 15n),
    successful: ((attributes >> 56n) & 1n) === 1n,
  };
}

/** Attributes with these flags; all other bits are kept. */
export function writeBootFlags(attributes: bigint, flags: BootFlags): bigint {
  for (const [name, value] of [
    ["priority", flags.priority],
    ["tries left", flags.triesLeft],
  ] as const)
    if (!Number.isInteger(value) || value < 0 || value > 15)
      throw new GptError("gpt.bad-value", `Cannot encode ${name} ${value}: it must be 0 to 15`);
  const bits =
    (BigInt(flags.priority) << 48n) |
    (BigInt(flags.triesLeft) << 52n) |
    (flags.successful ? 1n << 56n : 0n);
  return (attributes & ~FLAG_BITS) | bits;
}

/** What each boot takes: one try, if any is left. */
export function takeTry(flags: BootFlags): BootFlags {
  return { ...flags, triesLeft: Math.max(0, flags.triesLeft - 1) };
}
