import { expect, it } from "vitest";
import { startFault } from "./start-fault.ts";

const RUNC =
  "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ";

it.each([
  [
    `${RUNC}unable to start container process: exec: "/none": stat /none: no such file or directory: unknown`,
    'it cannot run "/none": no such file or directory',
  ],
  [
    `${RUNC}unable to start container process: exec: "sh": executable file not found in $PATH: unknown`,
    'it cannot run "sh": executable file not found in $PATH',
  ],
  [`${RUNC}Cwd must be an absolute path: unknown`, "Cwd must be an absolute path"],
  ["something new", "something new"],
])("says what %j means", (text, meaning) => {
  expect(startFault(text)).toBe(meaning);
});
