/** Reads the dates and times that stand between `#` in an expression, and UUIDs. */

import type { Constant } from "./typed.ts";

/** Longer texts are no dates: the patterns below only ever see short ones. */
const longest = 60;

const written =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const clock = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?$/;
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/**
 * `2002/02/01`, `2021-07-07`, `2021-07-07T10:03:33.332Z`.
 * @returns undefined when it is no date of the calendar, or before the year 1
 */
export function parseDate(text: string): (Constant & { kind: "date" | "datetime" }) | undefined {
  const found = text.length > longest ? null : written.exec(text);
  if (found === null) return undefined;
  const [, year = "", month = "", day = "", hour, minute = "0", second = "0", fraction = "", zone] = found;
  const days = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const check = new Date(`${days}T00:00:00Z`);
  if (Number.isNaN(check.getTime()) || check.toISOString().slice(0, 10) !== days || year === "0000") return undefined;
  if (hour === undefined) return { kind: "date", value: days };
  const time = readClock(hour, minute, second, fraction);
  if (time === undefined || (zone !== undefined && !isZone(zone))) return undefined;
  return { kind: "datetime", value: `${days}T${time}${zone?.toUpperCase() ?? ""}`, hasZone: zone !== undefined };
}

/** `10:03`, `10:03:33`, `10:03:33.332`; undefined when it is no time of day. */
export function parseTime(text: string): (Constant & { kind: "time" }) | undefined {
  const found = text.length > longest ? null : clock.exec(text);
  if (found === null) return undefined;
  const [, hour = "", minute = "", second = "0", fraction = ""] = found;
  const value = readClock(hour, minute, second, fraction);
  return value === undefined ? undefined : { kind: "time", value };
}

/** `123e4567-e89b-12d3-a456-426614174000`, with or without the hyphens. */
export function parseUuid(text: string): (Constant & { kind: "uuid" }) | undefined {
  return text.length <= longest && uuid.test(text) ? { kind: "uuid", value: text.toLowerCase() } : undefined;
}

function readClock(hour: string, minute: string, second: string, fraction: string): string | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return `${hour.padStart(2, "0")}:${minute}:${second.padStart(2, "0")}${fraction === "" ? "" : `.${fraction}`}`;
}

/** PostgreSQL knows offsets up to 15:59. */
function isZone(zone: string): boolean {
  if (zone.toUpperCase() === "Z") return true;
  return Number(zone.slice(1, 3)) <= 15 && Number(zone.slice(-2)) <= 59;
}
