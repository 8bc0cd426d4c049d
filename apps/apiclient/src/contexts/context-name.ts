/** Without commas, which part names, and nothing that a path or an option could be taken for. */
export function isContextName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);
}
