import { EXIT } from "@ballast/errors";
import type { UpdateRequest } from "@ballast/model";
import type { Manifest, Release } from "@ballast/updates";
import { notAllowed } from "../commands/not-allowed.ts";
import { UpdateAgentError } from "../errors.ts";
import type { State } from "../state/state.ts";
import { choose, obstacleText, type Circumstances } from "./choose.ts";

/**
 * What is to be written to the other slot: the version that is asked for, or that which the last check has chosen and shown, and no
 * other, whatever the repository says by now. Of a bundle without either it is its newest that fits. Throws
 * `update-agent.no-such-update` and `not-allowed`. Pure.
 */
export function releaseToPrepare(
  manifest: Manifest,
  circumstances: Circumstances & { readonly state: Pick<State, "failed" | "checked"> },
  request: UpdateRequest,
): Release {
  const { checked } = circumstances.state;
  const version = request.version ?? (request.bundle === true ? undefined : checked?.chosen);
  if (version === null) throw notAllowed("prepare", "Idle");
  if (version === undefined && request.bundle !== true) throw notAllowed("prepare", "Idle");
  const isChosen = version !== undefined && version === checked?.chosen;
  const { release, judged } = choose(manifest, circumstances, {
    ...request,
    ...(version === undefined ? {} : { version }),
    // It was chosen without regard to its waves.
    ...(isChosen && checked.ignore_waves ? { ignore_waves: true } : {}),
  });
  if (release !== undefined) return release;
  const found = judged.find((one) => one.release.version === version);
  const hint =
    found?.obstacle?.kind === "failed-here" || found?.obstacle?.kind === "wave"
      ? { hint: 'It can be taken with "force" or "ignore_waves", if that is what you want.' }
      : { hint: "See which there are: look for updates again." };
  throw new UpdateAgentError(
    "update-agent.no-such-update",
    `Cannot prepare ${version ?? "an update"}: ${found?.obstacle === undefined ? "there is no such release for this machine" : obstacleText(found.obstacle)}`,
    { exitCode: EXIT.unavailable, ...hint },
  );
}
