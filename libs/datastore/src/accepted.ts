import { parsePatch, unflatten } from "@ballast/model";

/** Whether this image knows the key and takes the value. */
export function isAccepted(key: string, value: unknown): boolean {
  return parsePatch(unflatten(new Map([[key, value]]))).ok;
}
