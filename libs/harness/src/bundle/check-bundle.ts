import type { Metafile } from "esbuild";

/** Built-in modules that load or run foreign code, or open the process to others. */
const FORBIDDEN_MODULES = new Set([
  "cluster",
  "ffi",
  "inspector",
  "inspector/promises",
  "module",
  "repl",
  "test",
  "vm",
  "wasi",
  "worker_threads",
]);

/** Ways to run text or load a file as code that need no import. */
const FORBIDDEN_CODE: readonly (readonly [RegExp, string])[] = [
  [/\bnew Worker\(/, "new Worker()"],
  [/\bprocess\.dlopen\b/, "process.dlopen"],
  [/\bprocess\.binding\b/, "process.binding"],
  [/\bcreateRequire\b/, "createRequire"],
  [/\brequire\.main\b/, "require.main"],
  [/\._load\b/, "Module._load"],
  [/\b(?:allowExtension|enableLoadExtension|loadExtension)\b/, "an SQLite extension"],
  // Loading a built-in module late is fine when the text says which; the import check cannot see it.
  [
    /\bgetBuiltinModule(?!\("node:(?:crypto|fs|net|os|path|sqlite|tls|util|zlib)"\))/,
    "process.getBuiltinModule",
  ],
  [/\bWebAssembly\.(?:instantiate|compile|Module)/, "WebAssembly"],
];

/**
 * What keeps a bundle out of the sealed executable (design: no general interpreter on the host). Code that a flag
 * already stops at run time, `eval` and `new Function`, is not looked for here: libraries name it to find out.
 */
export function bundleProblems(text: string, metafile: Metafile): string[] {
  const imports = Object.values(metafile.outputs).flatMap(({ imports: list }) => list);
  const modules = imports
    .map(({ path }) => path.replace(/^node:/, ""))
    .filter((path) => FORBIDDEN_MODULES.has(path))
    .map((path) => `it imports "node:${path}"`);
  const code = FORBIDDEN_CODE.filter(([pattern]) => pattern.test(text)).map(
    ([, name]) => `it uses ${name}`,
  );
  return [...new Set([...modules, ...code])];
}
