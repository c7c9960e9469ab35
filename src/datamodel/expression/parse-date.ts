/** Reads the dates that stand between `#` in an expression. */

import type { Constant } from "./typed.ts";

const written =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * `2002/02/01`, `2021-07-07`, `2021-07-07T10:03:33.332Z`.
 * @returns undefined when it is no date of the calendar, or before the year 1
 */
export function parseDate(text: string): Constant | undefined {
  const found = written.exec(text);
  if (found === null) return undefined;
  const [, year = "", month = "", day = "", hour, minute = "0", second = "0", fraction = "", zone] = found;
  const days = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const check = new Date(`${days}T00:00:00Z`);
  if (Number.isNaN(check.getTime()) || check.toISOString().slice(0, 10) !== days || year === "0000") return undefined;
  if (hour === undefined) return { kind: "date", value: days };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const time = `${hour.padStart(2, "0")}:${minute}:${second.padStart(2, "0")}${fraction === "" ? "" : `.${fraction}`}`;
  if (zone !== undefined && !isZone(zone)) return undefined;
  return { kind: "datetime", value: `${days}T${time}${zone?.toUpperCase() ?? ""}`, hasZone: zone !== undefined };
}

/** PostgreSQL knows offsets up to 15:59. */
function isZone(zone: string): boolean {
  if (zone.toUpperCase() === "Z") return true;
  return Number(zone.slice(1, 3)) <= 15 && Number(zone.slice(-2)) <= 59;
}
