import { defineMachine, fromFile } from "@ballast/config";

/** `npx ballast-config one-machine.ts > user-data.toml` */
export const harbour = defineMachine({
  settings: {
    motd: "Property of the harbour office",
    network: { hostname: "harbour-7" },
    api: {
      remote: {
        enabled: true,
        "ca-certificate": fromFile("credentials/ca.pem"),
        "server-certificate": fromFile("credentials/server.pem"),
        "server-key": fromFile("credentials/server.key"),
      },
    },
    health: { web: { http: "http://127.0.0.1:8080/ready", "expect-status": 200 } },
  },
});
