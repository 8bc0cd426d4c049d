import { createHash } from "node:crypto";
import type { Partition } from "./partition.ts";
import { UpdateAgentError } from "../errors.ts";

const SUPERBLOCK_BYTES = 512;
const SIGNATURE = "verity\0\0";
const SALT_MAX_BYTES = 256;

/**
 * That the hash tree ends in this root hash and has the size of the root (superblock of veritysetup, version 1; hash type 1: the salt
 * comes first; the uppermost block follows the superblock's). Two blocks are read; that the tree below is right is said by
 * its signed hash, and by the kernel at each read.
 */
export async function checkVerityTree(
  partition: Partition,
  rootHash: string,
  rootBytes: number,
): Promise<void> {
  const head = Buffer.alloc(SUPERBLOCK_BYTES);
  await partition.read(0, head);
  if (head.toString("latin1", 0, 8) !== SIGNATURE || head.readUInt32LE(8) !== 1)
    throw wrong("it has no verity superblock");
  if (
    head.readUInt32LE(12) !== 1 ||
    head.toString("latin1", 32, 64).replaceAll("\0", "") !== "sha256"
  )
    throw wrong("it is of another kind");
  const dataBlockBytes = head.readUInt32LE(64);
  const hashBlockBytes = head.readUInt32LE(68);
  const dataBlocks = Number(head.readBigUInt64LE(72));
  const saltBytes = head.readUInt16LE(80);
  if (dataBlocks * dataBlockBytes !== rootBytes) throw wrong("it is of a root of another size");
  if (hashBlockBytes < 512 || hashBlockBytes > 65536 || saltBytes > SALT_MAX_BYTES)
    throw wrong("its superblock is damaged");
  const top = Buffer.alloc(hashBlockBytes);
  await partition.read(hashBlockBytes, top);
  const hash = createHash("sha256")
    .update(head.subarray(88, 88 + saltBytes))
    .update(top);
  if (hash.digest("hex") !== rootHash) throw wrong("it ends in another root hash");
}

function wrong(reason: string): UpdateAgentError {
  return new UpdateAgentError(
    "update-agent.wrong-root-hash",
    `Cannot use the release: its hash tree does not belong to its root hash, ${reason}`,
    { hint: "The release is broken: tell who publishes it. The running slot is not touched." },
  );
}
