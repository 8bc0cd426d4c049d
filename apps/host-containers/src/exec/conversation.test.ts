import { encodeClientMessage, type ExecRequest } from "@ballast/model/exec";
import { describe, expect, it } from "vitest";
import { Conversation, type ExecAction } from "./conversation.ts";

const request: ExecRequest = { target: "web", command: ["ls", "é"], tty: null, separate: true };
const BEGIN = encodeClientMessage({ kind: "initialize", request });
const END = encodeClientMessage({ kind: "content-complete" });
const BYTES = Buffer.from("x");

function begun(): Conversation {
  const conversation = new Conversation();
  expect(conversation.text(BEGIN)).toEqual({ do: "start", request });
  return conversation;
}

function codeOf(action: ExecAction | undefined): number | undefined {
  return action?.do === "close" ? action.code : undefined;
}

describe("a conversation about a command", () => {
  it("offers capacity first, and more after each 128 messages", () => {
    const offer = (written: number): ExecAction => ({
      do: "send",
      text: `{"Capacity":{"max_messages_outstanding":1024,"messages_written":${written}}}`,
    });
    expect(new Conversation().open()).toEqual(offer(0));
    const conversation = begun();
    const said: unknown[] = [];
    for (let count = 0; count < 256; count += 1) {
      conversation.data(BYTES);
      said.push(conversation.wrote());
    }
    expect(said.filter(Boolean)).toEqual([offer(128), offer(256)]);
    expect(said[127]).toEqual(offer(128));
  });

  it("takes 1024 messages that wait, and not one more", () => {
    const conversation = begun();
    for (let count = 0; count < 1024; count += 1)
      expect(conversation.data(BYTES)).toEqual({ do: "write", bytes: BYTES });
    expect(codeOf(conversation.data(BYTES))).toBe(1009);
    // Nothing is done any more.
    expect([conversation.data(BYTES), conversation.text(END), conversation.wrote()]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each<[string, number]>([
    [END, 1008],
    ['{"Winch":{"rows":1,"cols":1}}', 1008],
    ["", 1007],
    ['"Initialize"', 1007],
    ['{"Initialize":{"command":[],"target":"web","tty":null}}', 1007],
    ['{"Initialize":{"command":["ls"],"target":"web","tty":null}}', 1007],
    ['{"Initialize":{"command":[{"Unix":[256]}],"target":"web","tty":null}}', 1007],
    ['{"Initialize":{"command":[{"Unix":[0]}],"target":"web","tty":null}}', 1007],
    ['{"Initialize":{"command":[{"Unix":[255]}],"target":"web","tty":null}}', 1007],
    ['{"Initialize":{"command":[{"Unix":[108]}],"target":"web","tty":{"size":{"rows":-1}}}}', 1007],
  ])("does not begin with %s", (text, code) => {
    expect(codeOf(new Conversation().text(text))).toBe(code);
  });

  it("begins once, with data after it and none behind its end", () => {
    expect(codeOf(new Conversation().data(BYTES))).toBe(1008);
    expect(codeOf(begun().text(BEGIN))).toBe(1008);
    const conversation = begun();
    expect(conversation.text('{"Winch":{"rows":3,"cols":4}}')).toEqual({
      do: "resize",
      size: { rows: 3, cols: 4 },
    });
    expect(conversation.text(END)).toEqual({ do: "end-input" });
    expect(conversation.text(END)).toBeUndefined();
    expect(codeOf(conversation.data(BYTES))).toBe(1008);
  });
});
