export { EXAMPLE_CERTIFICATE } from "../groups/api-remote/pem-example.ts";
export { ANY_NAME, explainPlace, type KnownPlace } from "./explain-place.ts";
export { settingsShape, userDataJsonSchema, type JsonSchema } from "./json-schema.ts";
export { listPlaces } from "./list-places.ts";
export { settingsMarkdown } from "./markdown.ts";
export { tomlValue } from "../formats/toml.ts";
