import { nearKeys } from "@ballast/model";

/** A hint for a key that is not known, if some other one is near. */
export function didYouMean(key: string): { readonly hint?: string } {
  const near = nearKeys(key);
  if (near.length === 0) return {};
  const words = near.map((one) => `"${one}"`);
  const last = words.pop() ?? "";
  return { hint: `Did you mean ${words.length === 0 ? last : `${words.join(", ")} or ${last}`}?` };
}
