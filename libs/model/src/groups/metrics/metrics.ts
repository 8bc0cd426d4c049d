import * as z from "zod";
import { defineGroup } from "../../settings-group.ts";
import { IpAddress } from "../network/address.ts";

const Metrics = z
  .strictObject({
    enabled: z.boolean().meta({
      description:
        "Whether metrics are served over plain HTTP, without certificates, to whoever reaches the address.",
      example: true,
    }),
    address: IpAddress.meta({
      description:
        "Address of this machine on which they are served; `::` is every address of both families.",
      example: "192.0.2.7",
    }),
    port: z
      .int({ error: "must be a whole number" })
      .min(1, { error: "must be at least 1" })
      .max(65535, { error: "must be at most 65535" })
      .meta({ description: "TCP port of the metrics.", example: 9100 }),
  })
  .meta({
    description:
      "Metrics of this machine for a Prometheus that has no certificate of the API; nothing else is served there.",
  });

/** Nothing is ever sent to anybody by itself: who wants figures asks for them. */
export const metrics = defineGroup({
  schema: Metrics,
  defaults: { enabled: false, address: "127.0.0.1", port: 9464 },
  secrets: [],
  check: () => [],
  // The API server listens itself.
  services: [{ name: "metrics", files: [], units: [] }],
  effect:
    "The API server opens, moves or closes the listener at once; `GET /metrics` of the API stays as it is.",
});
