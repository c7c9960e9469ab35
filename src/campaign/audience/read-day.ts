/** Reads a date as lists write it. */

/** What stands first in a date that ends with its year. */
export type DateOrder = "dmy" | "mdy";

const isoDay = /^\d{4}-\d\d-\d\d$/;
const yearFirst = /^(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ].*)?$/;
const yearLast = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ].*)?$/;
const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const chinese = /^(\d{4})年(\d{1,2})月(\d{1,2})日$/;

/**
 * A day from 2001-04-03, 2001/4/3, 20010403, 03/04/2001, 3.4.2001 or 2001年4月3日; a time behind it is dropped.
 * @param order decides about dates with their year at the end; those with dots are always day first
 * @returns `YYYY-MM-DD`; null for 0000-00-00, with which some databases say that there is none; undefined when it is no day
 */
export function readDay(text: string, order: DateOrder): string | null | undefined {
  if (isoDay.test(text) && isReal(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))))
    return text;
  const first = yearFirst.exec(text);
  if (first !== null) {
    // Without separators each part has its full width.
    return first[2] === "" && !/^\d{8}(?!\d)/.test(text) ? undefined : day(first[1], first[3], first[4]);
  }
  const spelt = chinese.exec(text);
  if (spelt !== null) return day(spelt[1], spelt[2], spelt[3]);
  const last = yearLast.exec(text);
  if (last === null) return undefined;
  const isDayFirst = order === "dmy" || last[2] === ".";
  return isDayFirst ? day(last[4], last[3], last[1]) : day(last[4], last[1], last[3]);
}

function day(year = "", month = "", date = ""): string | null | undefined {
  if (Number(year) === 0 && Number(month) === 0 && Number(date) === 0) return null;
  return isReal(Number(year), Number(month), Number(date))
    ? `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`
    : undefined;
}

function isReal(year: number, month: number, date: number): boolean {
  return year >= 1 && month >= 1 && month <= 12 && date >= 1 && date <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (daysOfMonths[month - 1] ?? 0);
}
