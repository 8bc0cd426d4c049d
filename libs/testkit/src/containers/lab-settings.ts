import { effectiveSettings, flatten, renderService, SERVICES } from "@ballast/model";
import type { LabFile } from "./containers-lab.ts";

/** What the API server renders for containerd of these settings, as far as a lab can have it. */
export function labFiles(settings: unknown): LabFile[] {
  const effective = effectiveSettings(flatten(settings));
  return SERVICES.filter(({ service }) => service.name.startsWith("container-"))
    .flatMap((entry) => renderService(entry, effective))
    .map((file) => ({ ...file, text: forLab(file.text) }));
}

/** What the lab has not: systemd, and on some machines the right to make a process less likely to be killed. */
function forLab(text: string): string {
  return text
    .replaceAll("SystemdCgroup = true", "SystemdCgroup = false")
    .replace(
      /^(\[plugins\."io\.containerd\.grpc\.v1\.cri"\])$/m,
      "$1\nrestrict_oom_score_adj = true",
    );
}
