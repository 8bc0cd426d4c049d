import { Readable } from "node:stream";
import type { EventData, EventName } from "@ballast/model";
import { ApiError } from "../api-error.ts";

/** Tells listeners what happens, as server-sent events (HTML Living Standard, 9.2). */
export interface EventHub {
  publish<Name extends EventName>(name: Name, data: EventData<Name>): void;
  /** A new listener; rejects when there are too many. It ends with the signal, or when its reader is too slow. */
  listen(ready: EventData<"ready">, signal: AbortSignal): Readable;
}

export interface EventHubOptions {
  readonly maxListeners: number;
  /** What one listener may leave unread before it is cut off. */
  readonly maxUnreadBytes: number;
  readonly heartbeatMs: number;
  /** Told when the first listener comes, with its greeting, and when the last one goes, with nothing. */
  readonly onListening: (ready: EventData<"ready"> | undefined) => void;
}

export function createEventHub(options: EventHubOptions): EventHub {
  const listeners = new Set<Readable>();
  let lastId = 0;
  const send = (listener: Readable, text: string): void => {
    listener.push(text);
    // It connects again and reads the state anew; keeping all that it missed would be for it to decide how much we hold.
    if (listener.readableLength > options.maxUnreadBytes) listener.destroy();
  };
  const format = (name: EventName, data: unknown): string => {
    lastId += 1;
    return `id: ${lastId}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  };
  return {
    publish: (name, data) => {
      if (listeners.size === 0) return;
      const text = format(name, data);
      for (const listener of listeners) send(listener, text);
    },
    listen: (ready, signal) => {
      if (listeners.size >= options.maxListeners)
        throw new ApiError(
          "apiserver.too-many-streams",
          `At most ${options.maxListeners} listeners at a time`,
        );
      // What is pushed waits in the stream's buffer; there is nothing to ask for.
      const listener = new Readable({ read: () => undefined });
      const end = (): void => {
        listener.push(null);
      };
      const heartbeat = setInterval(() => {
        send(listener, ":\n\n");
      }, options.heartbeatMs);
      listener.once("close", () => {
        clearInterval(heartbeat);
        signal.removeEventListener("abort", end);
        listeners.delete(listener);
        if (listeners.size === 0) options.onListening(undefined);
      });
      listeners.add(listener);
      if (listeners.size === 1) options.onListening(ready);
      send(listener, `retry: 2000\n${format("ready", ready)}`);
      if (signal.aborted) end();
      else signal.addEventListener("abort", end);
      return listener;
    },
  };
}
