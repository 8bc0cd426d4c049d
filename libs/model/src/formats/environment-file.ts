/**
 * A file for `EnvironmentFile=` of systemd.exec(5). Values are in double quotes, in which a backslash takes the meaning
 * from a quote, a backslash, a dollar sign and a backquote. Control characters are refused.
 */
export function environmentFile(variables: readonly (readonly [name: string, value: string])[]) {
  return variables.map(([name, value]) => assignment(name, value)).join("");
}

function assignment(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new Error(`Cannot write the variable "${name}"`);
  if (/\p{Cc}/u.test(value) || !value.isWellFormed())
    throw new Error(`Cannot write the value of "${name}" on one line`);
  return `${name}="${value.replaceAll(/["\\$`]/g, String.raw`\$&`)}"\n`;
}
