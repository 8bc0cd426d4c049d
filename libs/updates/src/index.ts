export {
  chooseUpdate,
  type Choice,
  type Judged,
  type Machine,
  type Obstacle,
  type Wish,
} from "./choose-update.ts";
export { parseChunkIndex, writeChunkIndex, type Chunk, type ChunkIndex } from "./chunk-index.ts";
export { joinFrames, planDelta, type DeltaPlan, type FrameRange } from "./delta-plan.ts";
export { UpdatesError } from "./errors.ts";
export {
  MANIFEST_TARGET,
  parseManifest,
  releaseName,
  targetsOf,
  writeManifest,
  type Manifest,
  type Release,
  type ReleaseImage,
  type Wave,
} from "./manifest.ts";
export { parsePolicy, WAVE_POLICIES, wavesOf, type WavePolicy } from "./policy.ts";
export { SEED_COUNT } from "./seed.ts";
export { compareVersions, isVersion } from "./version.ts";
export { readyAtMs, readyShare } from "./waves.ts";
