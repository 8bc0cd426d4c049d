import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keyFiles, readKeyFile, type KeyName } from "./key-folder.ts";
import { signedUpdate } from "./signed-update.ts";

export interface UpdateOptions {
  readonly directory: string;
  /** `<variable>.esl` of the folder becomes `<variable>.auth`. */
  readonly variable: KeyName | "dbx";
  readonly signer: KeyName;
  /** Adds to what the variable holds, instead of replacing it. */
  readonly isAppended?: boolean;
}

/** Writes the `.auth` file of one variable, dated now. */
export async function signUpdate(options: UpdateOptions): Promise<string> {
  const { directory, variable, signer, isAppended = false } = options;
  const files = keyFiles(directory, signer);
  const what = `what signs ${variable}`;
  const [certificate, key, lists] = [
    await readKeyFile(files.certificate, what),
    await readKeyFile(files.key, what),
    await readFile(join(directory, `${variable}.esl`)),
  ];
  const target = join(directory, `${variable}.auth`);
  const update = { variable, lists, time: new Date(), isAppended };
  await writeFile(target, signedUpdate(update, { certificate, key }));
  return target;
}
