import type { Fs } from "@ballast/system";
import type { Metadata } from "../metadata/metadata-service.ts";
import { readPlatform } from "../platform.ts";
import type { GeneratorEffect } from "./generator-effect.ts";

/** The kernel keeps no longer ones, nor does the setting. */
const HOSTNAME_MAX_LENGTH = 64;

/** Less time than the generator has, so that it can tell what was wrong. */
const BOUNDS = { maxBytes: 1024, limitMs: 20_000 };

export function ec2Hostname(fs: Fs, metadata: Metadata): GeneratorEffect {
  return {
    limitMs: 30_000,
    make: async (signal) => {
      if ((await readPlatform(fs)) !== "ec2") return { none: "this machine is not on Amazon EC2" };
      const answer = await metadata.get("/latest/meta-data/local-hostname", BOUNDS, signal);
      return answer.found
        ? { value: hostnameOf(answer.bytes.toString()) }
        : { none: answer.reason };
    },
  };
}

/** With several domains in the options of DHCP there are several words; the first is the name. */
export function hostnameOf(text: string): string {
  const [name = ""] = text.trim().toLowerCase().split(/\s/);
  if (name.length <= HOSTNAME_MAX_LENGTH) return name;
  return name.split(".", 1)[0] ?? name;
}
