export {
  ADMIN_ARCHIVE,
  AS_ROOT,
  makeSshKey,
  runOfImage,
  unpackAdminImage,
  type AdminImage,
  type ProgramEnded,
} from "./admin-image.ts";
export { ContainersLab, type LabFile } from "./containers-lab.ts";
export { labFiles } from "./lab-settings.ts";
export { buildProbe, makeProbeImage, type ProbeImage } from "./probe-image.ts";
export { startSocketRegistry } from "./socket-registry.ts";
export { startRegistry, type Registry, type RegistryOptions } from "./registry.ts";
export { addTestProgram, unpackTestPackage } from "./test-program.ts";
export { startHostRegistry, type HostRegistry } from "./host-registry.ts";
