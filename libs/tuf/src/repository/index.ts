export {
  readExpires,
  readRoot,
  readTargets,
  readVersion,
  ROLE_NAMES,
  signRoot,
  signSnapshot,
  signTargets,
  signTimestamp,
  type Document,
  type RoleKeys,
  type RoleName,
  type RootContent,
  type TargetContent,
  type TargetsContent,
} from "./metadata.ts";
export { serveFolder, type Answered, type FolderServer } from "./serve-folder.ts";
export { generatePrivateKey, signingKey, type PublicKey, type SigningKey } from "./signing-key.ts";
export { verifyRoot, type VerifiedRoot } from "./verify-root.ts";
export { writeBundle, type BundledFile } from "./write-bundle.ts";
