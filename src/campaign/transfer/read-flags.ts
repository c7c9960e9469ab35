/** Reads the arguments that imports and exports have in common. */

import type { Flags } from "#foundation/module.ts";
import { type Encoding, encodings } from "#protocols/csv/decode-text.ts";
import { type Separator, separators } from "#protocols/csv/csv-record.ts";

import { missingFlag, unknownEncoding, unknownSeparator } from "./errors.ts";

const separatorNames = new Map<string, Separator>([
  ["comma", ","],
  ["semicolon", ";"],
  ["tab", "\t"],
  ["\\t", "\t"],
  ["pipe", "|"],
]);

const encodingNames = new Map<string, Encoding>([
  ...encodings.map((name) => [name, name] as const),
  ["utf8", "utf-8"],
  ["iso-8859-1", "latin1"],
  ["iso8859-1", "latin1"],
  ["cp1252", "windows-1252"],
  ["ansi", "windows-1252"],
]);

/** The text of a flag; undefined when it is not given. A flag without a text counts as not given. */
export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** @throws missingFlag */
export function requiredFlag(flags: Flags, name: string, { command, form }: { command: string; form: string }): string {
  const value = textFlag(flags, name);
  if (value === undefined) throw missingFlag({ command, flag: form });
  return value;
}

/** @throws unknownEncoding */
export function encodingFlag(flags: Flags): Encoding | undefined {
  const text = textFlag(flags, "encoding");
  if (text === undefined) return undefined;
  const encoding = encodingNames.get(text.toLowerCase());
  if (encoding === undefined) throw unknownEncoding({ text, known: encodings });
  return encoding;
}

/** @throws unknownSeparator */
export function separatorFlag(flags: Flags): Separator | undefined {
  const text = textFlag(flags, "separator");
  if (text === undefined) return undefined;
  const separator = separatorNames.get(text.toLowerCase()) ?? separators.find((known) => known === text);
  if (separator === undefined) throw unknownSeparator({ text, known: ["comma", "semicolon", "tab", "pipe"] });
  return separator;
}
