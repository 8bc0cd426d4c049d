import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { ContainerdError } from "./containerd-error.ts";
import type { Channel } from "./grpc/channel.ts";
import { exchange } from "./grpc/exchange.ts";

export interface CallOptions {
  /** What is being done, for the error: `start container "web"`. Without it the error names the method. */
  readonly act?: string;
  /** 10 s for a call with one answer, no limit for a stream. */
  readonly timeoutMs?: number;
  /** Its reason is what the call then rejects with. */
  readonly signal?: AbortSignal;
}

/** One function per method of a service. Calls throw a {@link ContainerdError}. */
export type Client<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]: Service["method"][Name] extends DescMethodUnary<
    infer Input,
    infer Output
  >
    ? (request: MessageInitShape<Input>, options?: CallOptions) => Promise<MessageShape<Output>>
    : Service["method"][Name] extends DescMethodServerStreaming<infer Input, infer Output>
      ? (
          request: MessageInitShape<Input>,
          options?: CallOptions,
        ) => AsyncGenerator<MessageShape<Output>, void, undefined>
      : Service["method"][Name] extends DescMethodBiDiStreaming<infer Input, infer Output>
        ? (
            requests: AsyncIterable<MessageInitShape<Input>>,
            options?: CallOptions,
          ) => AsyncGenerator<MessageShape<Output>, void, undefined>
        : never;
};

/** What containerd's own services ask for with each call. The CRI has a namespace of its own, `k8s.io`. */
export interface Scope {
  readonly namespace?: string;
  /** Keeps what is written from being collected as garbage before anything refers to it. */
  readonly lease?: string;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** The typed client of a service over a channel. */
export function createClient<Service extends DescService>(
  service: Service,
  channel: Channel,
  scope: Scope = {},
): Client<Service> {
  const { namespace, lease } = scope;
  const metadata = {
    ...(namespace === undefined ? {} : { "containerd-namespace": namespace }),
    ...(lease === undefined ? {} : { "containerd-lease": lease }),
  };
  const methods = service.methods.map((method) => [
    method.localName,
    bindMethod(method, channel, metadata),
  ]);
  // Each entry was made for its method, of which the compiler knows only that it is one of them.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(methods) as Client<Service>;
}

type Init = MessageInitShape<DescMessage>;
type Answer = MessageShape<DescMessage>;
type Call = (request: Init | AsyncIterable<Init>, options?: CallOptions) => unknown;

function bindMethod(
  method: DescMethod,
  channel: Channel,
  metadata: Readonly<Record<string, string>>,
): Call {
  const isUnary = method.methodKind === "unary";
  const name = `${method.parent.typeName}/${method.name}`;
  const encode = (request: Init): Uint8Array =>
    toBinary(method.input, create(method.input, request));
  async function* answers(
    request: Init | AsyncIterable<Init>,
    options: CallOptions,
    act: string,
  ): AsyncGenerator<Answer, void, undefined> {
    const messages = isStream(request) ? encodeAll(request, encode) : [encode(request)];
    const timeoutMs = options.timeoutMs ?? (isUnary ? DEFAULT_TIMEOUT_MS : undefined);
    const { signal } = options;
    const call = { path: `/${name}`, act, messages, metadata, timeoutMs, signal };
    for await (const message of exchange(channel, call)) yield decode(method.output, message, act);
  }
  return (request, options = {}) => {
    const act = options.act ?? `call ${name}`;
    return isUnary
      ? onlyAnswer(answers(request, options, act), act)
      : answers(request, options, act);
  };
}

function isStream(request: Init | AsyncIterable<Init>): request is AsyncIterable<Init> {
  return Symbol.asyncIterator in request;
}

async function onlyAnswer(
  answers: AsyncGenerator<Answer, void, undefined>,
  act: string,
): Promise<Answer> {
  let only: Answer | undefined;
  // To its end, because only then is it known whether the call succeeded.
  for await (const answer of answers) only = answer;
  if (only === undefined) throw new ContainerdError(act, "internal", "its answer has no message");
  return only;
}

async function* encodeAll(
  requests: AsyncIterable<Init>,
  encode: (request: Init) => Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const request of requests) yield encode(request);
}

function decode(schema: DescMessage, message: Uint8Array, act: string): Answer {
  try {
    return fromBinary(schema, message);
  } catch (cause) {
    const reason = `its answer is no ${schema.typeName}`;
    throw new ContainerdError(act, "internal", reason, { cause });
  }
}
