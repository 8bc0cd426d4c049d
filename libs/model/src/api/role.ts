import * as z from "zod";

/** What a client may do; each role includes the ones before it. */
export const Role = z.enum(["reader", "operator", "admin"]);
export type Role = z.output<typeof Role>;

export function roleIncludes(held: Role, needed: Role): boolean {
  return Role.options.indexOf(held) >= Role.options.indexOf(needed);
}
