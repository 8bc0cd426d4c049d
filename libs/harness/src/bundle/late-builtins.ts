import type { Plugin } from "esbuild";

/**
 * Modules of Node that take milliseconds and megabytes to load, and that a program may live for long without. (`node:http`
 * is none of them: who has it needs it at once.)
 */
const LATE = ["child_process", "crypto", "http2", "https", "tls", "zlib"];

/**
 * Has a bundle load these modules when it first uses something of them, not at its start. Sources import them as ever: what
 * they get is an object whose members are looked up in the module.
 */
export const lateBuiltins: Plugin = {
  name: "late-builtins",
  setup(build) {
    const namespace = "late-builtin";
    build.onResolve({ filter: new RegExp(`^node:(${LATE.join("|")})$`) }, ({ path, kind }) =>
      // The require() of the module made below is the real one.
      kind === "import-statement" ? { path, namespace } : { path, external: true },
    );
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: moduleText(path) }));
  },
};

function moduleText(name: string): string {
  // The builder runs on the Node that carries the bundle.
  const members = Object.keys(process.getBuiltinModule(name) ?? {});
  const getters = members.map((member) => `get ${member}() { return load().${member}; }`);
  return `let loaded;
const load = () => (loaded ??= require(${JSON.stringify(name)}));
module.exports = {
  ${getters.join(",\n  ")}
};
`;
}
