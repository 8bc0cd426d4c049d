export { WELCOME_ARCHIVE } from "../paths.ts";
export { readImageArchive } from "./image-archive.ts";
export { answerPulls } from "./registry.ts";
