import type { PortList, WorkloadSpec } from "./workload.ts";

export interface PublishedPort {
  /** Every address of the machine when empty. */
  readonly address: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

const PORT =
  /^(?:(?<v4>[0-9.]+):|\[(?<v6>[0-9A-Fa-f:.]+)\]:)?(?<host>\d+):(?<inner>\d+)(?:\/(?<protocol>tcp|udp))?$/;

/** The ports of a spec, which the settings' schema has checked. */
export function portsOf({ ports = [] }: WorkloadSpec): PublishedPort[] {
  return ports.map((text) => {
    const { v4, v6, host, inner, protocol } = PORT.exec(text)?.groups ?? {};
    return {
      address: v4 ?? v6 ?? "",
      hostPort: Number(host),
      containerPort: Number(inner),
      protocol: protocol === "udp" ? "udp" : "tcp",
    };
  });
}

/** What two workloads cannot have at once. */
export function publishedPorts(spec: WorkloadSpec): PortList {
  return portsOf(spec).map(({ address, hostPort, protocol }) =>
    address === "" ? `${hostPort}/${protocol}` : `${address}:${hostPort}/${protocol}`,
  );
}
