/** The functions that add to dates, take from them and count between them. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { at, type FunctionDeclaration, takes } from "./define-function.ts";
import { dayOf, momentOf, today, wall } from "./moments.ts";

type Unit = "Seconds" | "Minutes" | "Hours" | "Days" | "Months" | "Years";

const counted: Readonly<Record<"Days" | "Months" | "Years", string>> = {
  Days: "How many days lie between the days of both moments",
  Months: "How many months are complete between the days of both moments",
  Years: "How many years are complete between the days of both moments",
};

/** `AddDays` ... `YearsOld`. */
export const dateArithmetic: readonly FunctionDeclaration[] = [
  ...(["Seconds", "Minutes", "Hours", "Days", "Months", "Years"] as const).flatMap((unit) => [
    shift("Add", unit),
    shift("Sub", unit),
  ]),
  elapsed("Seconds", 1),
  elapsed("Minutes", 60),
  elapsed("Hours", 3600),
  difference("Days"),
  difference("Months"),
  difference("Years"),
  age("Days"),
  age("Months"),
  age("Years"),
];

/** Whole days and more keep the time on the clock; seconds, minutes and hours are those that pass. */
function shift(name: "Add" | "Sub", unit: Unit): FunctionDeclaration {
  const isElapsed = unit === "Seconds" || unit === "Minutes" || unit === "Hours";
  const sign = sql.raw(name === "Add" ? "+" : "-");
  return {
    name: `${name}${unit}`,
    usage: `${name}${unit}(date, ${unit.toLowerCase()})`,
    family: "date",
    answers: isElapsed
      ? `The moment so many ${unit.toLowerCase()} ${name === "Add" ? "later" : "earlier"}; a date begins at midnight.`
      : `The date so many ${unit.toLowerCase()} ${name === "Add" ? "later" : "earlier"}, at the same time of day${unit === "Days" ? "" : "; the last day of a month that has no such day"}.`,
    check: isElapsed ? takes(["datetime", "integer"], "datetime") : takes(["moment", "integer"], "same"),
    toSql: (operands, kinds, around) => {
      const [moment, number] = [at(operands, 0), at(operands, 1)];
      if (isElapsed) return sql`(${moment} ${sign} ${interval(unit, number)})`;
      if (kinds[0] === "date")
        return unit === "Days"
          ? sql`(${moment} ${sign} ${number}::integer)`
          : sql`(${moment} ${sign} ${interval(unit, number)})::date`;
      return momentOf(sql`${wall(moment, kinds[0], around)} ${sign} ${interval(unit, number)}`, around);
    },
  };
}

function interval(unit: Unit, number: SqlFragment): SqlFragment {
  if (unit === "Seconds") return sql`make_interval(secs => ${number})`;
  return sql`make_interval(${sql.raw(unit === "Minutes" ? "mins" : unit.toLowerCase())} => ${number}::integer)`;
}

function elapsed(unit: Unit, seconds: number): FunctionDeclaration {
  return {
    name: `${unit}Diff`,
    usage: `${unit}Diff(end, start)`,
    family: "date",
    answers: `How many whole ${unit.toLowerCase()} passed from start to end; negative when end is earlier.`,
    check: takes(["datetime", "datetime"], "integer"),
    toSql: (operands) =>
      sql`trunc(extract(epoch from (${at(operands, 0)} - ${at(operands, 1)})) / ${sql.raw(String(seconds))})::bigint`,
  };
}

function difference(unit: "Days" | "Months" | "Years"): FunctionDeclaration {
  return {
    name: `${unit}Diff`,
    usage: `${unit}Diff(end, start)`,
    family: "date",
    answers: `${counted[unit]}; negative when end is earlier.`,
    check: takes(["moment", "moment"], "integer"),
    toSql: (operands, kinds, around) =>
      between(dayOf(at(operands, 0), kinds[0], around), dayOf(at(operands, 1), kinds[1], around), unit),
  };
}

function age(unit: "Days" | "Months" | "Years"): FunctionDeclaration {
  return {
    name: `${unit}Old`,
    usage: `${unit}Old(date)`,
    family: "date",
    answers: `The age of the date in complete ${unit.toLowerCase()}; negative for the future.`,
    check: takes(["moment"], "integer"),
    toSql: (operands, kinds, around) => between(today(around), dayOf(at(operands, 0), kinds[0], around), unit),
  };
}

/** A month is complete on the same day of a later month. */
function between(end: SqlFragment, start: SqlFragment, unit: "Days" | "Months" | "Years"): SqlFragment {
  if (unit === "Days") return sql`(${end} - ${start})::bigint`;
  const between = sql`age(${end}::timestamp, ${start}::timestamp)`;
  return unit === "Years"
    ? sql`extract(year from ${between})::bigint`
    : sql`(extract(year from ${between}) * 12 + extract(month from ${between}))::bigint`;
}
