import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { PAGES } from "./pages.ts";

it.each(PAGES.map((page) => [page.path, page] as const))("%s is current", async (path, page) => {
  const checkedIn = await readFile(new URL(`../${path}`, import.meta.url), "utf8").catch(() => "");
  expect(checkedIn === page.text(), `docs/${path} is not current: run npm run docs`).toBe(true);
});
