/** What belongs to the manager at the CRI, and what it is. */
export const NAMESPACE = "ballast";

export const LABEL = {
  name: "ballast.container",
  hash: "ballast.hash",
  ports: "ballast.ports",
  requires: "ballast.requires",
  /** How the container wants to end. */
  ending: "ballast.ending",
} as const;
