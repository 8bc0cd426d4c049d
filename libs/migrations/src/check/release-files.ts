import { settingsShape } from "@ballast/model/reference";
import { exampleSettings } from "./example-settings.ts";

/** What is kept of the settings of a version that is released: their shape, and values for the tests of later versions. */
export function releaseFiles(): { readonly shape: string; readonly settings: string } {
  return {
    shape: text(settingsShape()),
    settings: text(Object.fromEntries(exampleSettings())),
  };
}

function text(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
