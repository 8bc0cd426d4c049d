export { bundleProblems } from "./bundle/check-bundle.ts";
export { multiCallScript } from "./bundle/multi-call.ts";
export { createContext } from "./core/context.ts";
export { sealExecutable } from "./steps/runtime.ts";
export { pipeline } from "./pipeline.ts";
