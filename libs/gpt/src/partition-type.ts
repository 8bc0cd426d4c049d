/** Type GUIDs of the partitions that make up a slot. */
export const PARTITION_TYPE = {
  boot: "6b636168-7420-6568-2070-6c616e657421",
  root: "5526016a-1a97-4ea4-b39a-b7c8c6ca4502",
  hash: "598f10af-c955-4456-6a99-7720068a6cea",
} as const;

export type SlotPartition = keyof typeof PARTITION_TYPE;

/** STATE: one for both slots. */
export const STATE_TYPE = "440408bb-eb0b-4328-a6e5-a29038fad706";

/** DATA: one for both slots. */
export const DATA_TYPE = "626f7474-6c65-6474-6861-726d61726b73";
