import { parseEnv } from "node:util";
import { expect, it } from "vitest";
import { osRelease } from "./os-release.ts";

it("osRelease() is read back as os-release(5) says", () => {
  const text = osRelease({
    version: "1.2.3-rc.1",
    variant: "standalone",
    buildId: "0123abcd",
    builtAfter: 1_795_478_400,
  });
  expect(parseEnv(text)).toEqual({
    NAME: "Ballast",
    ID: "ballast",
    VERSION_ID: "1.2.3-rc.1",
    VERSION: "1.2.3-rc.1 (standalone)",
    PRETTY_NAME: "Ballast 1.2.3-rc.1 (standalone)",
    VARIANT_ID: "standalone",
    BUILD_ID: "0123abcd",
    BALLAST_LEAST_SELECTOR: "2",
    BALLAST_BUILT_AFTER: "2026-11-24T00:00:00Z",
  });
});
