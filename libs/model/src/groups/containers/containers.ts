import { joinKey } from "../../keys.ts";
import { namedMap } from "../../named-map.ts";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { containerRuntime } from "../container-runtime/container-runtime.ts";
import { planSubnet } from "../container-runtime/subnet.ts";
import { Container } from "./container.ts";
import { CHECK_DEFAULTS, checkHealth } from "./health-check.ts";
import { published } from "./ports.ts";
import { checkStartOrder } from "./start-order.ts";

/** More is the work of an orchestrator. */
const MAX_CONTAINERS = 128;

type Containers = Readonly<Record<string, Container>>;

/** Run by host-containers, through the CRI. */
export const containers = defineGroup({
  schema: namedMap({
    entry: Container,
    defaults: {
      enabled: true,
      privileged: false,
      "read-only-root": true,
      "allow-link-local": false,
      restart: "always",
      health: CHECK_DEFAULTS,
      "pre-stop": { "timeout-seconds": 30 },
      "stop-grace-seconds": 10,
    },
    max: MAX_CONTAINERS,
  }).meta({ description: `Containers that this machine runs, at most ${MAX_CONTAINERS}.` }),
  defaults: {},
  secrets: ["*.secret-env.*"],
  check: checkContainers,
  services: [
    {
      // host-containers watches the file: a restart would only make it forget how often what has failed.
      name: "containers",
      files: [],
      composedFiles: [
        {
          path: "containers.json",
          // It holds what `secret-env` holds.
          mode: 0o600,
          reads: [{ group: containerRuntime, keys: ["subnet"] }],
          render: (all, inputs) => {
            const { subnet } = inputs.valueOf(containerRuntime);
            const network = { subnet, resolver: planSubnet(subnet).gateway };
            return `${JSON.stringify({ network, containers: all }, undefined, 1)}\n`;
          },
        },
      ],
      units: [],
    },
  ],
});

function checkContainers(all: Containers): Issue[] {
  const owners = new Map<string, string>();
  const ofEach = Object.entries(all).flatMap(([name, container]) => [
    ...checkPorts(name, container, owners),
    ...checkMounts(name, container),
    ...checkVariables(name, container),
    ...checkHealth(name, container.health),
  ]);
  return [...ofEach, ...checkStartOrder(all)];
}

/** `owners` are the containers that have published a port so far. */
function checkPorts(name: string, { ports = [] }: Container, owners: Map<string, string>): Issue[] {
  return ports.map(published).flatMap((port) => {
    const owner = owners.get(port);
    owners.set(port, owner ?? name);
    const reason = `must not publish a port that container "${owner}" publishes`;
    return owner === undefined ? [] : [{ key: joinKey([name, "ports"]), reason }];
  });
}

function checkMounts(name: string, container: Container): Issue[] {
  const seen = new Set<string>();
  return (["volumes", "host-paths", "tmpfs"] as const).flatMap((table) =>
    Object.entries(container[table]).flatMap(([mount, { path }]) => {
      if (!seen.has(path)) {
        seen.add(path);
        return [];
      }
      const key = joinKey([name, table, mount, "path"]);
      return [{ key, reason: "must not be the path of another volume, host path or tmpfs" }];
    }),
  );
}

function checkVariables(name: string, container: Container): Issue[] {
  return Object.keys(container["secret-env"])
    .filter((variable) => Object.hasOwn(container.env, variable))
    .map((variable) => ({
      key: joinKey([name, "secret-env", variable]),
      reason: "must not be in env too",
    }));
}
