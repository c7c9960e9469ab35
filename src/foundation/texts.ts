/** Says the texts of a catalogue, and writes numbers, times and sizes as its language does. */

import type { Language } from "./languages.ts";

export type Texts<Key extends string> = {
  readonly language: Language;
  /**
   * A text, with values put where it holds their names in braces, numbers as the language writes them. A place with two forms,
   * `{files|file is|files are}`, becomes the first where the language has the singular for that many, else the second.
   */
  say(key: Key, values?: Readonly<Record<string, string | number>>): string;
  number(value: number): string;
  /** A share of a whole, such as `12.5 %`; nothing when the whole is nothing. */
  share(part: number, whole: number): string;
  moment(value: Date): string;
  bytes(value: number): string;
  /** A span of time in its two largest units, such as `2 h 5 min`. */
  span(durationMs: number): string;
};

const place = /\{(\w+)(?:\|([^{}|]*)\|([^{}|]*))?\}/g;

/**
 * The texts of one language.
 * @param timezone in which moments are shown; UTC when it is none that is known
 */
export function openTexts<Key extends string>(
  catalogue: Readonly<Record<Key, string>>,
  language: Language,
  timezone: string,
): Texts<Key> {
  const numbers = new Intl.NumberFormat(language);
  const plurals = new Intl.PluralRules(language);
  const isSingular = (value: string | number | undefined): boolean =>
    typeof value === "number" && plurals.select(value) === "one";
  const shares = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const moments = momentFormat(language, timezone);
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(language, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: name === "megabyte" ? 1 : 0,
    }).format(value);
  return {
    language,
    say: (key, values = {}) =>
      catalogue[key].replace(place, (whole, name: string, singular?: string, plural?: string) => {
        if (!Object.hasOwn(values, name)) return whole;
        const value = values[name];
        if (singular !== undefined && plural !== undefined) return isSingular(value) ? singular : plural;
        return typeof value === "number" ? numbers.format(value) : String(value);
      }),
    number: (value) => numbers.format(value),
    share: (part, whole) => (whole > 0 ? shares.format(part / whole) : ""),
    moment: (value) => moments.format(value),
    // As the command line and the settings count: 1 MB is 1,048,576 bytes.
    bytes: (value) => (value < 1_048_576 ? unit(value / 1_024, "kilobyte") : unit(value / 1_048_576, "megabyte")),
    span: (durationMs) => {
      const parts = splitSpan(durationMs);
      return parts.map(([value, name]) => unit(value, name)).join(" ");
    },
  };
}

function momentFormat(language: Language, timeZone: string): Intl.DateTimeFormat {
  const options = { dateStyle: "medium", timeStyle: "medium" } as const;
  try {
    return new Intl.DateTimeFormat(language, { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" });
  }
}

function splitSpan(durationMs: number): [number, string][] {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const all: [number, string][] = [
    [Math.floor(seconds / 86_400), "day"],
    [Math.floor(seconds / 3_600) % 24, "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ];
  const first = all.findIndex(([value]) => value > 0);
  return first === -1 ? all.slice(3) : all.slice(first, first + 2).filter(([value]) => value > 0);
}
