import { readFile } from "node:fs/promises";
import {
  parsePolicy,
  WAVE_POLICIES,
  wavesOf,
  type Release,
  type Wave,
  type WavePolicy,
} from "@ballast/updates";
import { PublisherError } from "../publisher-error.ts";

/** The waves of a policy, by its name or from a file, that counts from this time. */
export async function readWaves(name: string, from: Temporal.Instant): Promise<Wave[]> {
  return wavesOf(await policyOf(name), from.epochMilliseconds);
}

/** When machines take it, for a person. */
export function turnsOf({ waves }: Pick<Release, "waves">): string {
  const [first] = waves;
  return first === undefined
    ? "for all machines at once"
    : `from ${first.starts_at} until ${waves.at(-1)?.ends_at}`;
}

async function policyOf(name: string): Promise<WavePolicy> {
  const known = Object.entries(WAVE_POLICIES).find(([key]) => key === name);
  if (known !== undefined) return known[1];
  try {
    return parsePolicy(JSON.parse(await readFile(name, "utf8")));
  } catch (cause) {
    throw new PublisherError("publisher.absent", `Cannot use the waves "${name}"`, {
      cause,
      hint: `Policies are ${Object.keys(WAVE_POLICIES).join(", ")}; else it is a JSON file.`,
    });
  }
}
