import { describe, expect, it } from "vitest";
import type { ApiClient } from "./client.ts";
import { streamEvents, type StreamedEvent } from "./event-calls.ts";

function clientOf(lines: readonly string[]): ApiClient {
  const refuse = (): Promise<never> => Promise.reject(new Error("Only lines are asked for"));
  return {
    target: { socketPath: "/nowhere" },
    request: refuse,
    requestText: refuse,
    lines: async function* () {
      yield* lines;
    },
    bytes: async function* () {
      yield await refuse();
    },
  };
}

async function all(lines: readonly string[]): Promise<StreamedEvent[]> {
  const events: StreamedEvent[] = [];
  for await (const event of streamEvents(clientOf(lines))) events.push(event);
  return events;
}

describe("streamEvents()", () => {
  it("gives name and data, and passes over the rest", async () => {
    const lines = [
      "retry: 2000",
      "id: 1",
      "event: ready",
      'data: {"etag":"x"}',
      ":",
      "id: 2",
      "event: apply",
      'data: {"services":[]}',
      'data:{"last":1}',
    ];
    expect(await all(lines)).toEqual([
      { name: "ready", data: { etag: "x" } },
      { name: "apply", data: { services: [] } },
      { name: "message", data: { last: 1 } },
    ]);
  });

  it.each(["data: {", "data: 1", "data: null"])("refuses %s without quoting it", async (line) => {
    await expect(all([line])).rejects.toMatchObject({
      code: "api-client.bad-answer",
      message: "Cannot read the answer to GET /events: the data of an event is not a JSON object",
    });
  });
});
