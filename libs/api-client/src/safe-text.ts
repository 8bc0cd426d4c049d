/** Text without control characters, but for line breaks and tabs: each is shown as `\xNN`. */
export function safeText(text: string): string {
  return text.replaceAll(
    // Also the C1 controls, which some terminals obey, and marks that turn the direction of text.
    // oxlint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      const code = character.charCodeAt(0);
      return code < 256
        ? `\\x${code.toString(16).padStart(2, "0")}`
        : `\\u${code.toString(16).padStart(4, "0")}`;
    },
  );
}
