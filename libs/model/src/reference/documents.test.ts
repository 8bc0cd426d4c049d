import { describe, expect, it } from "vitest";
import * as z from "zod";
import { EXAMPLE_CERTIFICATE } from "../groups/api-remote/pem-example.ts";
import { namedMap } from "../named-map.ts";
import { MODEL } from "../schema.ts";
import { defineGroup } from "../settings-group.ts";
import { buildModel } from "../settings-model.ts";
import { explainPlace } from "./explain-place.ts";
import { userDataJsonSchema } from "./json-schema.ts";
import { listPlaces } from "./list-places.ts";
import { settingsMarkdown } from "./markdown.ts";

const BOXES = buildModel({
  boxes: defineGroup({
    schema: namedMap({
      entry: z.strictObject({
        image: z.string().meta({ description: "What runs.", example: "a`b" }),
        key: z.string().optional(),
      }),
      defaults: { image: "none" },
    }),
    defaults: {},
    secrets: ["*.key"],
    check: () => [],
    services: [],
  }),
});

describe("settingsMarkdown()", () => {
  it("has every setting of the product", () => {
    const headings = new Set(settingsMarkdown().split("\n"));
    const settings = MODEL.groups
      .flatMap(([path]) => listPlaces(MODEL, path))
      .filter(({ node }) => node.kind === "leaf")
      .map((place) => `\`${explainPlace(place, MODEL).key}\``);
    expect(settings.length).toBeGreaterThan(10);
    expect(
      settings.filter((key) => !headings.has(`## ${key}`) && !headings.has(`### ${key}`)),
    ).toEqual([]);
  });

  it("tells type, default, example, secrecy and effect", () => {
    expect(settingsMarkdown(BOXES).split("## `boxes`\n")[1]).toBe(`
- Type: table of names that you choose
- Names: 1 to 63 lower-case letters, digits or '-', not starting with '-'

### \`boxes.<name>.image\`

What runs.

- Type: text
- Default: \`"none"\`
- Example: \`\` "a\`b" \`\`
- A change: takes effect with a later version.

### \`boxes.<name>.key\`

- Type: text
- Default: none
- Secret
- A change: takes effect with a later version.
`);
  });

  it("shows a long text by its first line", () => {
    const [, second = ""] = EXAMPLE_CERTIFICATE.split("\n");
    expect(settingsMarkdown()).toContain("-----BEGIN CERTIFICATE-----");
    expect(settingsMarkdown()).not.toContain(second);
  });
});

describe("userDataJsonSchema()", () => {
  // zod reads the document back: what it says is judged, not how it says it.
  const product = z.fromJSONSchema(userDataJsonSchema());
  const boxes = z.fromJSONSchema(userDataJsonSchema(BOXES));

  it("takes what user data can hold", () => {
    expect(product.safeParse({}).success).toBe(true);
    expect(product.safeParse({ settings: { network: { hostname: "harbour-7" } } }).success).toBe(
      true,
    );
    expect(boxes.safeParse({ settings: { boxes: { web: { image: "nginx" } } } }).success).toBe(
      true,
    );
  });

  it.each([
    ["an unknown table", { setting: {} }],
    ["an unknown group", { settings: { networks: {} } }],
    ["an unknown setting", { settings: { network: { host: "x" } } }],
    ["a value of another type", { settings: { network: { hostname: 7 } } }],
    ["a number out of range", { settings: { api: { remote: { port: 0 } } } }],
    ["a text that breaks its pattern", { settings: { network: { hostname: "UPPER" } } }],
  ])("refuses %s", (_, data) => {
    expect(product.safeParse(data).success).toBe(false);
  });

  it("refuses a bad name, and an unknown setting of an entry", () => {
    expect(boxes.safeParse({ settings: { boxes: { UP: {} } } }).success).toBe(false);
    expect(boxes.safeParse({ settings: { boxes: { web: { images: "x" } } } }).success).toBe(false);
  });

  it("leaves out patterns that not every engine reads, and keeps the others", () => {
    const schema = userDataJsonSchema(
      buildModel({
        texts: defineGroup({
          schema: z.strictObject({
            one: z.string().regex(/^\P{C}*$/u),
            two: z
              .string()
              .regex(/^a/)
              .regex(/^(?!ab)/)
              .regex(/b$/),
            three: z.string().regex(/^\\p$/),
          }),
          defaults: { one: "", two: "", three: "" },
          secrets: [],
          check: () => [],
          services: [],
        }),
      }),
    );
    const patterns = JSON.stringify(schema).match(/"pattern":"[^"]*"/g);
    expect(patterns).toEqual(['"pattern":"^a"', '"pattern":"b$"', String.raw`"pattern":"^\\\\p$"`]);
  });

  it("carries description, default and example for editors", () => {
    expect(userDataJsonSchema(BOXES)).toMatchObject({
      properties: {
        settings: {
          properties: {
            boxes: {
              additionalProperties: {
                properties: {
                  image: {
                    type: "string",
                    description: "What runs.\n\nType: text.",
                    default: "none",
                    examples: ["a`b"],
                  },
                  key: { description: expect.stringContaining("Secret.") },
                },
              },
            },
          },
        },
      },
    });
  });
});
