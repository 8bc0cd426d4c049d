import type { Group } from "../group.ts";
export const build: Group = { name: "build", does: "x", run: async () => ({ figures: [], notes: [] }) };
