/** What clocks show in a time zone, by ICU's tables: the second opinion on PostgreSQL's. */

import { dayMs } from "./values.ts";

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** How far clocks are ahead of UTC at a moment, in milliseconds. */
function offsetAt(ms: number, timezone: string): number {
  if (timezone === "UTC") return 0;
  // Clocks are changed on quarters of an hour.
  const quarter = Math.floor(ms / 900_000);
  const key = `${timezone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const moment = quarter * 900_000;
  const parts = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second } = parts;
  const offset =
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) - moment;
  offsets.set(key, offset);
  return offset;
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-u-ca-iso8601", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timezone, made);
  return made;
}

/** Date and time that clocks show at a moment, as if they were UTC. */
export function toClock(ms: number, timezone: string): number {
  return ms + offsetAt(ms, timezone);
}

/** The moment at which clocks show a time; one that they skip as if they had not, of one that they show twice the later. */
export function fromClock(clock: number, timezone: string): number {
  const [before, after] = [offsetAt(clock - dayMs, timezone), offsetAt(clock + dayMs, timezone)];
  const [early, late] = [clock - before, clock - after];
  return offsetAt(late, timezone) === after ? late : early;
}

/** The day of a clock, from 1970-01-01. */
export function dayOfClock(clock: number): number {
  return Math.floor(clock / dayMs);
}

/** Year, month (from 1) and day of a day. */
export function calendar(day: number): { year: number; month: number; day: number } {
  const date = new Date(day * dayMs);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The day of a date; months beyond 12 are in later years. */
export function dayOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / dayMs);
}

/** The same day some months later; the last one of a month that has no such day. */
export function addMonths(day: number, months: number): number {
  const from = calendar(day);
  const last = dayOf(from.year, from.month + months + 1, 0);
  return Math.min(dayOf(from.year, from.month + months, 1) + from.day - 1, last);
}

/** How many months are complete between two days. */
export function monthsBetween(end: number, start: number): number {
  if (end < start) return -monthsBetween(start, end);
  const [to, from] = [calendar(end), calendar(start)];
  return (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0);
}
