export { checkReleased, migrationsBeyond } from "./check-released.ts";
export { exampleSettings } from "./example-settings.ts";
export { migrationFiles, type NewMigration } from "./migration-files.ts";
export { addToList } from "./add-to-list.ts";
export { releaseFiles } from "./release-files.ts";
export { RELEASED } from "../released/index.ts";
