import { expect, it } from "vitest";
import { defineMachine, fromEnv, fromFile, mergeSettings, toSettings } from "./index.ts";

/** The compiler judges the marked lines, `npm run check` runs it; what it lets through the schemas refuse here. */
it.each([
  [
    "a key that does not exist",
    // @ts-expect-error -- it is called hostname
    defineMachine({ settings: { network: { host: "x" } } }),
    "settings.network.host is not a known setting",
  ],
  [
    "a group that does not exist",
    // @ts-expect-error -- it is called network
    defineMachine({ settings: { networks: {} } }),
    "settings.networks is not a known setting",
  ],
  [
    "a value of another type",
    // @ts-expect-error -- a port is a number
    defineMachine({ settings: { api: { remote: { port: "8443" } } } }),
    "settings.api.remote.port must be a number",
  ],
  [
    "a key in an entry that does not exist",
    // @ts-expect-error -- it is called http
    defineMachine({ settings: { health: { web: { url: "http://127.0.0.1/" } } } }),
    "settings.health.web.url is not a known setting",
  ],
  [
    "null",
    // @ts-expect-error -- user data has no null
    defineMachine({ settings: { motd: null } }),
    "settings.motd must not be null: leave it out",
  ],
  [
    "a wrong type in settings that are merged",
    // @ts-expect-error -- a limit is a number
    defineMachine({ settings: mergeSettings({}, { boot: { "trial-limit": "900" } }) }),
    "settings.boot.trial-limit must be a number",
  ],
])("refuses %s, and so does the compiler", (_, machine, reason) => {
  expect(() => toSettings(machine)).toThrow(reason);
});

it("lets the compiler take deferred texts, and settings that are not set", () => {
  const isPublic: boolean = process.argv.length > 1_000_000;
  const machine = defineMachine({
    settings: {
      motd: fromEnv("MOTD"),
      network: { hostname: isPublic ? "harbour" : undefined },
      health: { web: isPublic ? { unit: "web.service" } : undefined },
      api: { remote: { "server-key": isPublic ? fromFile("server.key") : undefined } },
    },
  });
  expect(toSettings(machine, { env: { MOTD: "Hello" } })).toEqual({
    motd: "Hello",
    network: {},
    health: {},
    api: { remote: {} },
  });
});

it("lets the compiler take deferred texts in lists and maps, and checks the entries of lists", () => {
  const machine = defineMachine({
    settings: {
      containers: {
        web: {
          image: "docker.io/library/nginx:1.29",
          args: ["--token", fromEnv("TOKEN")],
          env: { MODE: "production" },
          "secret-env": { TOKEN: fromEnv("TOKEN") },
        },
      },
      network: {
        interfaces: {
          eth0: {
            // @ts-expect-error -- a route leads somewhere
            routes: [{ via: "192.0.2.1" }],
          },
        },
      },
    },
  });
  expect(() => toSettings(machine, { env: { TOKEN: "t" } })).toThrow(
    "settings.network.interfaces.eth0.routes",
  );
});
