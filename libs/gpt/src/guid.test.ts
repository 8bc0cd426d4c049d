import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guids } from "./arbitraries.ts";
import { decodeGuid, encodeGuid } from "./guid.ts";

describe("GUIDs", () => {
  it("have three little-endian groups: the type of BOOT spells a sentence", () => {
    const bytes = encodeGuid("6B636168-7420-6568-2070-6C616E657421");
    expect(new TextDecoder().decode(bytes)).toBe("hack the planet!");
  });

  it("come back as they were, in lower case", () => {
    fc.assert(
      fc.property(guids, (guid) => {
        expect(decodeGuid(encodeGuid(guid.toUpperCase()))).toBe(guid);
      }),
    );
  });
});
