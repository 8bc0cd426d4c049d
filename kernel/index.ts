import {
  describeMissing,
  describeRepeated,
  missingOptions,
  parseConfig,
  repeatedOptions,
  type Fragment,
} from "./check-config.ts";
import { describeHardeningFailure, hardeningFailures } from "./hardening.ts";

export { fixedCommandLine, signedCommandLine } from "./command-line.ts";

/** Everything that is wrong with a kernel configuration: options lost or repeated, and hardening rules not met. */
export function checkKernelConfig(fragments: readonly Fragment[], finalConfig: string): string[] {
  const config = parseConfig(finalConfig);
  return [
    ...repeatedOptions(fragments).map(describeRepeated),
    ...missingOptions(fragments, config).map(describeMissing),
    ...hardeningFailures(config).map(describeHardeningFailure),
  ];
}
