import { expect, it } from "vitest";
import * as z from "zod";
import { namedMap } from "../named-map.ts";
import { nameWords, typeWords } from "./type-words.ts";

const Port = z
  .int({ error: "must be a whole number" })
  .min(1, { error: "must be at least 1" })
  .max(9, { error: "must be at most 9" });

it.each([
  ["the words of its messages", Port, "whole number; at least 1; at most 9"],
  ["no matter how it is wrapped", Port.meta({ example: 1 }).optional(), typeWords(Port)],
  [
    "bounds without messages",
    z.string().min(2).max(3),
    "text; at least 2 characters; at most 3 characters",
  ],
  ["bounds of numbers", z.number().gt(1).lte(2), "number; more than 1; at most 2"],
  ["a message as a function", z.string().max(3, { error: () => "must be short" }), "text; short"],
  [
    "refinements",
    z.string().refine(() => true, { error: "must not be a secret" }),
    "text; not a secret",
  ],
  ["a rule said twice once", z.string().regex(/a/, "must be a").regex(/b/, "must be a"), "text; a"],
  ["choices", z.enum(["none", "some"]), "one of `none`, `some`"],
  ["switches", z.boolean(), "true or false"],
  ["lists", z.array(z.string()).max(2), "list of: text; at most 2 entries"],
  ["lists of what has rules", z.array(Port), "list of: (whole number; at least 1; at most 9)"],
  ["unions", z.union([z.literal("auto"), Port]), "`auto`, or whole number; at least 1; at most 9"],
  [
    "tables in lists",
    z.array(z.strictObject({ a: z.boolean(), b: z.string().optional() })),
    "list of: table of `a` (true or false), `b` (text, optional)",
  ],
  ["what is made from a text", z.string().max(2, "must be short").transform(Number), "text; short"],
])("describes %s", (_, schema, words) => {
  expect(typeWords(schema)).toBe(words);
});

it("gives the rule for names alone", () => {
  expect(nameWords(namedMap({ entry: z.string() }).keyType)).toBe(
    "1 to 63 lower-case letters, digits or '-', not starting with '-'",
  );
});
