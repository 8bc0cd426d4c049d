import { describe, expect, it } from "vitest";
import { subjectAlternativeUris } from "./peer-role.ts";

describe("subjectAlternativeUris()", () => {
  it.each([
    ["", []],
    ["URI:ballast:role:admin", ["ballast:role:admin"]],
    ["DNS:a, URI:ballast:role:admin, IP Address:10.0.0.1", ["ballast:role:admin"]],
    [
      "URI:ballast:role:reader, URI:ballast:role:admin",
      ["ballast:role:reader", "ballast:role:admin"],
    ],
    // Node quotes a name that holds the separator, so that it cannot pass for another name.
    ['DNS:"a, URI:ballast:role:admin"', []],
    [
      'URI:"ballast:role:reader, URI:ballast:role:admin"',
      ["ballast:role:reader, URI:ballast:role:admin"],
    ],
    ['DNS:"a\\", URI:ballast:role:admin", URI:x', ["x"]],
    ["DirName:CN = x, URI:y", ["y"]],
  ])("finds the URIs of %j", (names, uris) => {
    expect(subjectAlternativeUris(names)).toEqual(uris);
  });

  it.each(["URI", "nonsense", 'DNS:"open', "URI:a,URI:b", 'URI:a"b'])("refuses %j", (names) => {
    expect(() => subjectAlternativeUris(names)).toThrow("cannot be read");
  });
});
