/** Keeps spreadsheets from running cells: what they would take for a formula gets an apostrophe, which an import takes away again. */

/** A formula, or apostrophes before one: a text that already begins so gets one more, so that taking one away restores it. */
const dangerous = /^'*[=+\-@\t\r\n＝＋－＠]/;
const defused = /^'+[=+\-@\t\r\n＝＋－＠]/;

/** @source OWASP, CSV Injection; ASVS 5.0.0 1.2.10 */
export function defuseFormula(text: string): string {
  return dangerous.test(text) ? `'${text}` : text;
}

/** The text that `defuseFormula` was given. */
export function restoreFormula(text: string): string {
  return text.charCodeAt(0) === 0x27 && defused.test(text) ? text.slice(1) : text;
}
