/** One program's bundle, as text. */
export interface Bundle {
  readonly name: string;
  readonly text: string;
}

/**
 * The main script of the sealed executable: each bundle is a function that is only run when its program is the
 * one that was called, by the name under which the executable was started (argv[0]), as busybox does. The parentheses
 * around them tell V8 to compile them, without what lies inside, when the code cache is made instead of at each start.
 */
export function multiCallScript(bundles: readonly Bundle[]): string {
  const programs = bundles
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, text }) => `${JSON.stringify(name)}: (function (exports, module) {\n${text}\n})`);
  return `"use strict";
const programs = {
${programs.join(",\n")}
};
let name = process.argv0.slice(process.argv0.lastIndexOf("/") + 1);
if (!Object.hasOwn(programs, name) && Object.hasOwn(programs, process.argv[2] ?? "")) {
  name = process.argv[2];
  process.argv.splice(2, 1);
}
if (Object.hasOwn(programs, name)) {
  const module = { exports: {} };
  programs[name].call(module.exports, module.exports, module);
} else {
  process.stderr.write("ballast: start it by the name of a program: " + Object.keys(programs).join(", ") + "\\n");
  process.exitCode = 64;
}
`;
}
