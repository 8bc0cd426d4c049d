import * as z from "zod";
import { chronySources } from "../../formats/chrony-sources.ts";
import { defineGroup } from "../../settings-group.ts";
import { DnsName, familyOf, IpAddress } from "../network/address.ts";
import { optionWords } from "./source-options.ts";

const MAX_SERVERS = 16;
const MAX_OPTIONS = 32;
const OPTION_MAX_LENGTH = 64;

const Ntp = z
  .strictObject({
    "time-servers": z
      .array(z.union([IpAddress, DnsName], { error: "must be a host name or an IP address" }))
      .max(MAX_SERVERS, { error: `must have at most ${MAX_SERVERS} entries` })
      .meta({
        description:
          "Servers that the clock follows; of a name with several addresses several are asked. Empty leaves the clock alone.",
        example: ["time.example.org", "192.0.2.123"],
      }),
    options: z
      .array(
        z
          .string()
          .max(OPTION_MAX_LENGTH, { error: `must be at most ${OPTION_MAX_LENGTH} characters` }),
      )
      .max(MAX_OPTIONS, { error: `must have at most ${MAX_OPTIONS} entries` })
      .refine((options) => optionWords(options) !== undefined, {
        error: 'must be options that chrony has for a source, for example "minpoll 4" or "nts"',
      })
      .meta({
        description:
          "Options of chrony for each of the servers, besides `iburst`, which is always on.",
        example: ["minpoll 4", "maxpoll 6"],
      }),
  })
  .meta({ description: "Where the clock takes the time from." });
type Ntp = z.output<typeof Ntp>;

export const ntp = defineGroup({
  schema: Ntp,
  defaults: { "time-servers": ["pool.ntp.org"], options: [] },
  secrets: [],
  check: () => [],
  services: [
    {
      name: "ntp",
      files: [{ path: "chrony/settings.sources", mode: 0o644, render: renderSources }],
      units: ["chronyd.service"],
      verb: "try-restart",
    },
  ],
});

function renderSources(value: Ntp): string {
  const words = optionWords(value.options) ?? [];
  const options = ["iburst", ...words.filter((word) => word !== "iburst")];
  return chronySources(
    value["time-servers"].map((server) => [
      familyOf(server) === undefined ? "pool" : "server",
      server,
      ...options,
    ]),
  );
}
