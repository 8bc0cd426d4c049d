import * as z from "zod";
import type { Route } from "../http/route.ts";
import { COMPONENTS } from "./components.ts";
import { SUMMARIES } from "./summaries.ts";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

/** The document of this API (OpenAPI 3.1.1), made of its route table and schemas. Pure. */
export function openApiDocument(routes: readonly Route[], version: string): JsonObject {
  const paths = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: "3.1.1",
    info: {
      title: "Ballast API",
      version,
      summary: "The one way to look at and change a machine.",
      license: { name: "Apache-2.0 OR MIT", identifier: "Apache-2.0 OR MIT" },
    },
    servers: [
      {
        url: "https://{host}:{port}",
        variables: { host: { default: "localhost" }, port: { default: "8443" } },
      },
    ],
    security: [{ clientCertificate: [] }],
    paths: Object.fromEntries(
      [...paths].map(([path, all]) => [
        path,
        Object.fromEntries(all.map((route) => [route.method.toLowerCase(), operation(route)])),
      ]),
    ),
    components: {
      schemas: Object.fromEntries(
        Object.entries(COMPONENTS).map(([name, schema]) => [name, jsonSchema(schema, "output")]),
      ),
      responses: {
        Problem: {
          description: "The request is refused, or it failed: problem details (RFC 9457).",
          content: { "application/problem+json": { schema: reference("Problem") } },
        },
      },
      securitySchemes: {
        clientCertificate: {
          type: "mutualTLS",
          description:
            "The role is the one URI of the certificate: ballast:role:reader, ballast:role:operator or ballast:role:admin.",
        },
      },
    },
  };
}

function operation(route: Route): JsonObject {
  const { method, path, role, localOnly } = route;
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z]+(.?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: SUMMARIES[`${method} ${path}`] ?? "",
    description:
      localOnly === true
        ? "Only over the local socket."
        : `Needs the role ${role} or a higher one.`,
    "x-role": role,
    ...(localOnly === true ? { "x-local-only": true } : {}),
    parameters: parameters(route),
    ...requestBody(route),
    responses: responses(route),
  };
}

function requestBody({ body, documentedBody, takesBytes }: Route): JsonObject {
  if (takesBytes === true)
    return {
      requestBody: { required: true, content: { "application/octet-stream": { schema: {} } } },
    };
  const schema = documentedBody ?? body;
  if (schema === undefined) return {};
  const required = !schema.safeParse(undefined).success;
  const form = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const content = { "application/json": { schema: schemaOf(form, "input") } };
  return { requestBody: { required, content } };
}

function parameters({ query, method, path }: Route): Json[] {
  const { properties = {}, required = [] } = z
    .object({
      properties: z.record(z.string(), z.record(z.string(), z.json())).optional(),
      required: z.array(z.string()).optional(),
    })
    .parse(jsonSchema(query, "input"));
  const ofQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
  const isCommit = method === "POST" && path.startsWith("/tx/commit");
  return isCommit ? [...ofQuery, IF_MATCH] : ofQuery;
}

const IF_MATCH = {
  name: "If-Match",
  in: "header",
  required: false,
  description:
    "ETag of the settings that the change was made for; another one is refused with 412.",
  schema: { type: "string" },
};

function responses(route: Route): JsonObject {
  const { method, path, response, answerType, streams, upgrade } = route;
  const problem = { default: { $ref: "#/components/responses/Problem" } };
  if (upgrade !== undefined)
    return { 101: { description: `The connection goes over to a ${upgrade}.` }, ...problem };
  const type = answerType ?? (streams === true ? "application/x-ndjson" : undefined);
  if (type !== undefined)
    return {
      200: { description: "Done.", content: { [type]: { schema: { type: "string" } } } },
      ...problem,
    };
  if (response === undefined) return { 204: { description: "Done." }, ...problem };
  const answer = { content: { "application/json": { schema: schemaOf(response, "output") } } };
  if (route.goesOn === true)
    return { 202: { description: "Begun; it goes on.", ...answer }, ...problem };
  const isHealth = method === "GET" && path === "/health";
  return {
    200: { description: "Done.", ...answer },
    ...(isHealth ? { 503: { description: "The machine is not healthy.", ...answer } } : {}),
    ...problem,
  };
}

function schemaOf(schema: z.core.$ZodType, io: "input" | "output"): Json {
  const name = Object.entries(COMPONENTS).find(([, known]) => known === schema)?.[0];
  return name === undefined ? jsonSchema(schema, io) : reference(name);
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is; which dialect it is, the document says once. */
function jsonSchema(schema: z.core.$ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(rest)));
}
