import type { Group } from "../group.ts";
export const boot: Group = { name: "boot", does: "x", run: async () => ({ figures: [], notes: [] }) };
