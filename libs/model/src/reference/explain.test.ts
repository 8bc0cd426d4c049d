import { describe, expect, it } from "vitest";
import * as z from "zod";
import { Explanation } from "../api/explanation.ts";
import { namedMap } from "../named-map.ts";
import { defineGroup } from "../settings-group.ts";
import { buildModel } from "../settings-model.ts";
import { explainKey } from "./explain.ts";

const Box = z.strictObject({
  image: z.string().meta({ description: "What runs.", example: "nginx" }),
  token: z.string().optional(),
  size: z.int().optional().meta({ description: "How big." }),
  kind: z.string(),
  env: namedMap({ entry: z.string() }),
});

const boxes = defineGroup({
  schema: namedMap({ entry: Box, defaults: { image: "none", env: { mode: "plain" } } }).meta({
    description: "Boxes.",
  }),
  defaults: { admin: { image: "admin", kind: "k", env: {} } },
  secrets: ["*.token"],
  check: () => [],
  services: [],
});

const MODEL = buildModel({
  boxes,
  "net.name": defineGroup({
    schema: z.strictObject({ host: z.string(), domain: z.string().optional() }),
    defaults: { host: "h" },
    secrets: [],
    check: () => [],
    services: [
      {
        name: "host",
        keys: ["host"],
        files: [{ path: "hostname", mode: 0o644, render: () => "" }],
        units: ["hostname.service"],
      },
      { name: "all", files: [], units: ["resolved.service", "hostname.service"] },
      {
        name: "zone",
        keys: ["domain"],
        files: [],
        fileSets: [{ directory: "zones", mode: 0o644, render: () => new Map() }],
        units: ["named.service"],
        verb: "reload",
        reboot: true,
        composedFiles: [
          {
            path: "zone.conf",
            mode: 0o644,
            reads: [{ group: boxes, keys: ["admin"] }],
            render: () => "",
          },
        ],
      },
    ],
    effect: "At once.",
  }),
});

function explain(key: string): Explanation {
  const result = explainKey(key, MODEL);
  if (!result.found) throw new Error(result.reason);
  return Explanation.parse(result.explanation);
}

describe("explainKey()", () => {
  it("tells all of a setting", () => {
    expect(explain("settings.boxes.web.image")).toEqual({
      key: "boxes.web.image",
      kind: "setting",
      type: "text",
      default: "none",
      required: false,
      secret: false,
      description: "What runs.",
      example: "nginx",
      writes: [],
      restarts: [],
      reloads: [],
      reboot: false,
      effect: "Takes effect with a later version.",
      members: [],
    });
  });

  it("knows the default of this very entry before that of all entries", () => {
    expect(explain("boxes.admin.image").default).toBe("admin");
    expect(explain("boxes.web.env.mode").default).toBe("plain");
    expect(explain("boxes.web.env.other").default).toBeNull();
    expect(explain("boxes").default).toEqual({ admin: { image: "admin", kind: "k" } });
  });

  it("names only the services that a key touches, and each unit once", () => {
    expect(explain("net.name.host")).toMatchObject({
      writes: ["hostname"],
      restarts: ["hostname.service", "resolved.service"],
      effect: "At once.",
    });
    expect(explain("net.name.domain")).toMatchObject({
      writes: ["zone.conf", "zones/"],
      reboot: true,
      reloads: ["named.service"],
      restarts: ["resolved.service", "hostname.service"],
    });
  });

  it("knows what has to be set with the others of its table", () => {
    expect(explain("boxes.web.kind").required).toBe(true);
    expect(explain("boxes.web.image").required).toBe(false);
    expect(explain("boxes.web.size")).toMatchObject({
      required: false,
      type: "whole number",
      description: "How big.",
    });
    expect(explain("boxes.web.env.any").required).toBe(false);
    expect(explain("boxes.web").required).toBe(false);
  });

  it("knows services of other groups that read the key", () => {
    expect(explain("boxes.admin.image")).toMatchObject({
      reloads: ["named.service"],
      effect: null,
    });
  });

  it("marks what is write-only", () => {
    expect(explain("boxes.web.token").secret).toBe(true);
    expect(explain("boxes.web.image").secret).toBe(false);
  });

  it("lists what lies in a table, a map, and all settings", () => {
    expect(explain("net.name")).toMatchObject({ kind: "table", members: ["host", "domain"] });
    expect(explain("boxes")).toMatchObject({
      kind: "map",
      members: ["<name>"],
      description: "Boxes.",
    });
    expect(explain("settings")).toMatchObject({ kind: "table", members: ["boxes", "net"] });
  });

  it.each([
    ["nothing", "is not a known setting"],
    ["net.name.host.deeper", "is not a known setting"],
    ["net..name", "is not a known setting"],
    ["__proto__", "is not a known setting"],
    ["boxes.UP.image", expect.stringContaining("must be named by")],
  ])("refuses %j with a reason", (key, reason) => {
    expect(explainKey(key, MODEL)).toEqual({ found: false, reason });
  });
});
