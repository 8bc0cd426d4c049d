import type { HistoryChange, Plan } from "@ballast/model";

/** `settings.motd: "old" -> "new"`. `nothing` is the word for a value that is null. */
export function changeLine(change: HistoryChange, nothing: string): string {
  const { key, action, secret } = change;
  if (secret) return `${key}: ${action === "set" ? "set" : "taken away"} (secret)`;
  const text = (name: "old" | "new"): string => {
    if (!(name in change)) return "?";
    return change[name] === null ? nothing : JSON.stringify(change[name]);
  };
  return `${key}: ${text("old")} -> ${text("new")}`;
}

/** What a commit would do, for people. */
export function planLines({ changes, services, reboot }: Plan): string[] {
  if (changes.length === 0) return ["Nothing would change"];
  return [
    ...changes.map((change) => changeLine(change, "(none)")),
    ...services.flatMap(({ name, files, verb, units, later, problem }) => [
      ...(problem === undefined ? [] : [`${name} would fail: ${problem}`]),
      ...(later === undefined ? [] : [`${name} ${later}`]),
      ...files.map(({ action, path }) => `${action} /run/ballast/etc/${path}`),
      ...(verb === null ? [] : [`${verb} ${units.join(" ")}`]),
    ]),
    ...(reboot ? ["The machine must be restarted before all of it takes effect"] : []),
  ];
}
