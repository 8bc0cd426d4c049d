import { openApiText } from "@ballast/apiserver/openapi";
import { settingsMarkdown, userDataJsonSchema } from "@ballast/model/reference";

/** A document that follows from code. */
export interface Page {
  /** Below the folder of the documents. */
  readonly path: string;
  readonly text: () => string;
}

export const PAGES: readonly Page[] = [
  { path: "reference/settings.md", text: () => settingsMarkdown() },
  {
    path: "reference/settings.schema.json",
    text: () => `${JSON.stringify(userDataJsonSchema(), null, 2)}\n`,
  },
  { path: "reference/openapi.json", text: openApiText },
];
