import { describe, expect, it } from "vitest";
import * as z from "zod";
import { routeTableApp } from "../routes/app.fixture.ts";
import { createRoutes } from "../routes/index.ts";
import { openApiText } from "./index.ts";
import { SUMMARIES } from "./summaries.ts";

const Operation = z.looseObject({
  operationId: z.string().min(1),
  summary: z.string().min(1),
  "x-role": z.enum(["reader", "operator", "admin"]),
  responses: z.record(z.string(), z.unknown()),
});
const Document = z.looseObject({
  openapi: z.literal("3.1.1"),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

const text = openApiText();
const document = Document.parse(JSON.parse(text));
const routes = createRoutes(routeTableApp());

describe("the OpenAPI document", () => {
  it("has every route with its role, and no other", () => {
    const told = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(
        ([method, { "x-role": role }]) => `${method.toUpperCase()} ${path} ${role}`,
      ),
    );
    const table = routes.map(({ method, path, role }) => `${method} ${path} ${role}`);
    expect(told.toSorted()).toEqual(table.toSorted());
  });

  it("has a sentence for every route, and for no other", () => {
    expect(Object.keys(SUMMARIES).toSorted()).toEqual(
      routes.map(({ method, path }) => `${method} ${path}`).toSorted(),
    );
  });

  it("names each operation once", () => {
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("refers to nothing that is not there", () => {
    const root: unknown = JSON.parse(text);
    for (const [, pointer = ""] of text.matchAll(/"\$ref": "#\/([^"]+)"/g)) {
      let place = root;
      for (const name of pointer.split("/"))
        place = z.record(z.string(), z.unknown()).parse(place)[name];
      expect([pointer, place === undefined]).toEqual([pointer, false]);
    }
    expect(text).not.toMatch(/"\$ref": "(?!#\/)/);
  });
});
