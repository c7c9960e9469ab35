/** Values for random expressions, and how they are written. */

import fc from "fast-check";

import { calendar, dayOf, fromClock } from "./clocks.ts";
import type { ValueKind, Values } from "./values.ts";
import type { Written } from "./written.ts";

const letters = fc.constantFrom(...Array.from("aAbBzé%_'\\\"; -$漢🙂ÀÿE.@1\n"), "\r\n");
/** Short texts, with all that is special somewhere. */
export const words = fc.string({ unit: letters, maxLength: 5 });
/** Texts that are read as dates or numbers, or nearly. */
export const readable = fc.constantFrom(
  "2021-03-28 02:30:00",
  "2021-02-30",
  "2021/7/7",
  "2021-07-07T10:03:33.5Z",
  "2021-10-31 02:15+02",
  "now",
  "01/02/03",
  "2021-07-07 25:00",
  "2021-07-07 10:03 -0330",
  "12",
  " -3.7 ",
  "1e3",
  "1_0",
  "NaN",
  ".5",
  "5.",
  "0x1F",
  "+7",
  "infinity",
);
/** Days of dates. */
export const days = fc.integer({ min: dayOf(1930, 1, 1), max: dayOf(2037, 1, 1) });
/** Moments, half of them near those at which clocks are changed. */
export const moments = fc.oneof(
  fc.integer({ min: Date.UTC(1976, 0), max: Date.UTC(2037, 0) }),
  fc
    .tuple(
      fc.constantFrom(Date.UTC(2021, 2, 28, 1), Date.UTC(2021, 9, 31, 1), Date.UTC(2022, 3, 2, 15)),
      fc.integer({ min: -8, max: 8 }),
    )
    .map(([change, quarters]) => change + quarters * 900_000),
);
/** Whole numbers that are easily met. */
export const smallNumbers = fc.bigInt({ min: -9n, max: 9n });
/** Precisions, in seconds. */
export const seconds = fc.constantFrom(1n, 60n, 900n, 3600n, 7200n, 21_600n, 86_400n, 604_800n, 0n, -1n, 7n);
/** Zones that change their clocks by an hour, by half of one, or not at all. */
export const timezones = ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
/** A text as the language writes it. */
export function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}

/** A value that is written out. */
export function literal<K extends ValueKind>(kind: K, text: string, value: Values[K]): Written<K> {
  return { kind, text, of: () => value };
}

/** A double as the language writes it. */
export function shown(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Behind a minus: two of them in a row would be read as well, but say less. */
export function spaced({ text }: Written): string {
  return text.startsWith("-") ? ` ${text}` : text;
}

/** In parentheses. */
export function parenthesized<K extends ValueKind>(written: Written<K>): Written<K> {
  return { ...written, text: `(${written.text})` };
}

/** A day as the language writes it. */
export function showWrittenDay(day: number): string {
  const { year, month, day: ofMonth } = calendar(day);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(ofMonth).padStart(2, "0")}`;
}

/** A time of day as the language writes it. */
export function clockOf(second: number): string {
  return new Date(second * 1000).toISOString().slice(11, 19);
}

/** With a zone, or on the clocks of the query's own. */
export function momentLiterals(): fc.Arbitrary<Written<"datetime">> {
  return fc.tuple(moments, fc.boolean()).map(([ms, hasZone]) => {
    const text = new Date(ms).toISOString();
    if (hasZone) return literal("datetime", `#${text}#`, ms);
    return { kind: "datetime", text: `#${text.slice(0, -1)}#`, of: (_, around) => fromClock(ms, around.timezone) };
  });
}
