export type { MessageInitShape } from "@bufbuild/protobuf";
export { createClient, type CallOptions, type Client, type Scope } from "./client.ts";
export { ContainerdError, isStatus, type ContainerdErrorCode } from "./containerd-error.ts";
export { Channel } from "./grpc/channel.ts";
export type { GrpcStatus } from "./grpc/status.ts";
