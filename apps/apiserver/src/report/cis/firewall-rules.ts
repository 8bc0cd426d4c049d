import { ApiError } from "../../api-error.ts";

/** The table `filter` of one family of addresses. */
export interface FirewallRules {
  /** By chain: `ACCEPT` or `DROP`. Without an entry nothing filters there. */
  readonly policies: ReadonlyMap<string, string>;
  /** Words of each rule in order, `-A INPUT …`. */
  readonly rules: readonly (readonly string[])[];
}

/** What iptables-save(8) prints. Nothing at all means that there are no tables. */
export function parseRules(text: string): FirewallRules {
  const policies = new Map<string, string>();
  const rules: string[][] = [];
  let table = "";
  for (const line of text.split("\n")) {
    const [first = "", second = ""] = line.split(" ");
    if (line === "" || line === "COMMIT" || line.startsWith("#")) continue;
    if (line.startsWith("*")) table = line.slice(1);
    else if (!line.startsWith(":") && !line.startsWith("-"))
      throw new ApiError("apiserver.cannot-look", "Cannot read the rules of the firewall");
    else if (table !== "filter") continue;
    else if (line.startsWith(":")) policies.set(first.slice(1), second);
    else rules.push(line.split(" "));
  }
  return { policies, rules };
}
