import { connect } from "node:net";

export interface ProbeOptions {
  readonly timeoutMs: number;
  /** Ends the probe, which then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves when a connection was made; it is closed at once. */
export function probeTcp(
  host: string,
  port: number,
  { timeoutMs, signal }: ProbeOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(signal === undefined ? {} : { signal }) });
    const late = setTimeout(() => {
      socket.destroy(new Error(`no connection in ${timeoutMs / 1000} s`));
    }, timeoutMs);
    socket.on("connect", () => {
      resolve();
      socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(late);
    });
  });
}
