/** containerd's own services, for what the CRI does not do: containers in the host's namespaces, imports, events. */
export {
  TaskExitSchema,
  TaskOOMSchema,
} from "../dist/protocols/github.com/containerd/containerd/api/events/task_pb.js";
export { Containers } from "../dist/protocols/github.com/containerd/containerd/api/services/containers/v1/containers_pb.js";
export {
  Content,
  WriteAction,
} from "../dist/protocols/github.com/containerd/containerd/api/services/content/v1/content_pb.js";
export { Diff } from "../dist/protocols/github.com/containerd/containerd/api/services/diff/v1/diff_pb.js";
export { Events } from "../dist/protocols/github.com/containerd/containerd/api/services/events/v1/events_pb.js";
export { Images } from "../dist/protocols/github.com/containerd/containerd/api/services/images/v1/images_pb.js";
export { Leases } from "../dist/protocols/github.com/containerd/containerd/api/services/leases/v1/leases_pb.js";
export { Namespaces } from "../dist/protocols/github.com/containerd/containerd/api/services/namespaces/v1/namespace_pb.js";
export { Snapshots } from "../dist/protocols/github.com/containerd/containerd/api/services/snapshots/v1/snapshots_pb.js";
export { Tasks } from "../dist/protocols/github.com/containerd/containerd/api/services/tasks/v1/tasks_pb.js";
export { Status as TaskStatus } from "../dist/protocols/github.com/containerd/containerd/api/types/task/task_pb.js";
export { Version } from "../dist/protocols/github.com/containerd/containerd/api/services/version/v1/version_pb.js";
