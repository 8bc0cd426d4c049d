export { bundleProblems } from "./bundle/check-bundle.ts";
export { multiCallScript } from "./bundle/multi-call.ts";
export { createContext, type Context } from "./core/context.ts";
export { runTool } from "./core/run-tool.ts";
export { fromStore, storeKey } from "./core/store.ts";
export { sealExecutable } from "./steps/runtime.ts";
export { pipeline } from "./pipeline.ts";
export { sha256File } from "./core/digest.ts";
