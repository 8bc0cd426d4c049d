/** The Container Runtime Interface, version 1, as containerd's CRI plugin serves it. */
export {
  ContainerEventType,
  ContainerState,
  ImageService,
  MountPropagation,
  NamespaceMode,
  PodSandboxState,
  Protocol,
  RuntimeService,
  SecurityProfile_ProfileType,
  type Container,
  type ContainerConfig,
  type ContainerConfigSchema,
  type ContainerStatus,
  type PodSandbox,
  type PodSandboxConfig,
  type PodSandboxConfigSchema,
} from "../dist/protocols/k8s.io/cri-api/pkg/apis/runtime/v1/api_pb.js";
