import * as fs from "node:fs";
import { EXIT } from "@ballast/errors";
import type { FirmwareCommand } from "./cli.ts";
import { deleteVariable, readVariable, writeVariable } from "./efi-variables.ts";
import { SignpostError } from "./errors.ts";
import type { Places } from "./places.ts";
import type { RunContext } from "./run.ts";

/** As in kernel/selector/parameters.h, which refuses more than that. */
const MAX_BYTES = 1000;

/** Ends the signed part of the command line; what follows is what the selector added. */
const MARKER = " ballast.parameters";

/** First letter of BallastParametersState: the selector has tried the set that follows, or it is proven. */
const TRIED = "T";
const PROVEN = "P";

/** Kernel and init parameters: hands those of the settings to the selector, or tells it that a boot with them went well. */
export async function runParameters(
  { stdout, log }: RunContext,
  command: FirmwareCommand,
  places: Places,
): Promise<number> {
  const changed =
    command.do === "write-parameters" ? writeParameters(places) : proveParameters(places);
  if (changed) log.notice("Changed parameters in the firmware", { command: command.do });
  await stdout(
    command.json ? `${JSON.stringify({ changed })}\n` : changed ? "changed\n" : "nothing to do\n",
  );
  return EXIT.ok;
}

/** A set that was refused is tried once more when it is asked for anew, after another set or none. */
function writeParameters(places: Places): boolean {
  const wanted = readWanted(places);
  if ((readVariable(places, "BallastParameters") ?? "") === wanted) return false;
  if (wanted === "") {
    deleteVariable(places, "BallastParameters");
    return true;
  }
  if (readVariable(places, "BallastParametersState") === `${TRIED}${wanted}`)
    deleteVariable(places, "BallastParametersState");
  writeVariable(places, "BallastParameters", wanted);
  return true;
}

/** Does nothing in a boot without parameters, or with proven ones. */
function proveParameters(places: Places): boolean {
  if (readVariable(places, "BallastParametersTrial") === undefined) return false;
  const commandLine = fs.readFileSync(`${places.proc}/cmdline`, "latin1").trimEnd();
  const start = commandLine.lastIndexOf(`${MARKER} `);
  if (start === -1) return false;
  const proven = `${PROVEN}${commandLine.slice(start + MARKER.length + 1)}`;
  if (readVariable(places, "BallastParametersState") === proven) return false;
  writeVariable(places, "BallastParametersState", proven);
  return true;
}

/** What the API server has rendered. The selector judges it; here it is only kept from being no parameters at all. */
function readWanted({ run }: Places): string {
  const file = `${run}/etc/boot-parameters`;
  const text = fs.readFileSync(file, "latin1").trim();
  if (text === "" || (text.length <= MAX_BYTES && /^[!-~]+(?: [!-~]+)*$/.test(text))) return text;
  throw new SignpostError(
    "signpost.bad-parameters",
    `Cannot take the parameters in "${file}": they must be words of printable ASCII with single spaces, at most ${MAX_BYTES} bytes`,
    { exitCode: EXIT.badData },
  );
}
