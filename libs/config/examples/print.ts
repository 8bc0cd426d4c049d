import { toSettings, toUserData } from "@ballast/config";
import { harbour } from "./one-machine.ts";

/** `node print.ts` for user data, `node print.ts --patch` for the body of `PATCH /settings`. */
const sources = { directory: import.meta.dirname };
process.stdout.write(
  process.argv.includes("--patch")
    ? JSON.stringify(toSettings(harbour, sources))
    : toUserData(harbour, sources),
);
