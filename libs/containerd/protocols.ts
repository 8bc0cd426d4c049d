const CONTAINERD = "github.com/containerd/containerd/api";

/** The interfaces that the clients speak, as paths below the Go sources of the locked packages. */
export const protocols = [
  "k8s.io/cri-api/pkg/apis/runtime/v1/api.proto",
  ...[
    "events/container",
    "events/task",
    "services/containers/v1/containers",
    "services/content/v1/content",
    "services/diff/v1/diff",
    "services/events/v1/events",
    "services/images/v1/images",
    "services/leases/v1/leases",
    "services/namespaces/v1/namespace",
    "services/snapshots/v1/snapshots",
    "services/tasks/v1/tasks",
    "services/version/v1/version",
    "types/descriptor",
    "types/fieldpath",
    "types/metrics",
    "types/mount",
    "types/task/task",
  ].map((name) => `${CONTAINERD}/${name}.proto`),
] as const;

/** Annotations for Go that say nothing about the interface. */
export const annotations = ["gogoproto"] as const;
