/** Functions over dates and times. Days, months and hours are those that clocks show in the time zone of the query. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { dateArithmetic } from "./date-arithmetic.ts";
import { at, fit, type FunctionDeclaration, takes } from "./define-function.ts";
import { dayOf, momentOf, readMoment, stride, today, truncate, wall } from "./moments.ts";

/** Parts of dates, dates from now, texts as dates, and dates cut to the beginning of something. */
export const dates: readonly FunctionDeclaration[] = [
  ...dateArithmetic,
  {
    name: "DateOnly",
    usage: "DateOnly(date)",
    family: "date",
    answers: "The day of the moment.",
    check: takes(["moment"], "date"),
    toSql: (operands, kinds, around) => dayOf(at(operands, 0), kinds[0], around),
  },
  part("Day", "the day of the month", (day) => sql`extract(day from ${day})`),
  part("DayOfYear", "the day of the year, from 1", (day) => sql`extract(doy from ${day})`),
  {
    name: "DaysAgo",
    usage: "DaysAgo(days)",
    family: "date",
    answers: "The day so many days before today.",
    check: takes(["integer"], "date"),
    toSql: (operands, _, around) => sql`(${today(around)} - ${at(operands, 0)}::integer)`,
  },
  {
    name: "DaysAgoInt",
    usage: "DaysAgoInt(days)",
    family: "date",
    answers: "The same as a number: yyyymmdd.",
    check: takes(["integer"], "integer"),
    toSql: (operands, _, around) => sql`to_char(${today(around)} - ${at(operands, 0)}::integer, 'YYYYMMDD')::bigint`,
  },
  {
    name: "GetDate",
    usage: "GetDate()",
    family: "date",
    answers: "Now: the moment at which the query began.",
    check: takes([], "datetime"),
    toSql: () => sql`now()`,
  },
  clockPart("Hour"),
  clockPart("Minute"),
  part("Month", "the month, from 1 to 12", (day) => sql`extract(month from ${day})`),
  {
    name: "MonthsAgo",
    usage: "MonthsAgo(months)",
    family: "date",
    answers: "The day so many months before today; the last one of its month when there is no such day.",
    check: takes(["integer"], "date"),
    toSql: (operands, _, around) =>
      sql`(${today(around)} - make_interval(months => ${at(operands, 0)}::integer))::date`,
  },
  clockPart("Second"),
  {
    name: "ToDate",
    usage: "ToDate(date)",
    family: "date",
    answers: "The day of the moment, or of a text such as 2021-07-07 or 2021-07-07 10:03:33; null when it is no date.",
    check: takesMomentOrText("date"),
    toSql: (operands, kinds, around) =>
      kinds[0] === "text"
        ? dayOf(readMoment(at(operands, 0), around), "datetime", around)
        : dayOf(at(operands, 0), kinds[0], around),
  },
  {
    name: "ToDateTime",
    usage: "ToDateTime(text)",
    family: "date",
    answers: "The moment that a text such as 2021-07-07 10:03:33 or 2021-07-07T10:03:33Z names; null when it is none.",
    check: takesMomentOrText("datetime"),
    toSql: (operands, kinds, around) => (kinds[0] === "text" ? readMoment(at(operands, 0), around) : at(operands, 0)),
  },
  {
    name: "TruncDate",
    usage: "TruncDate(date, seconds)",
    family: "date",
    answers: "The moment cut to a multiple of so many seconds on the clock: 3600 gives the hour, 86400 the day.",
    check: takes(["datetime", "integer"], "datetime"),
    toSql: (operands, _, { timezone }) => truncate(at(operands, 0), at(operands, 1), sql`${timezone}::text`),
  },
  {
    name: "TruncDateTZ",
    usage: "TruncDateTZ(date, seconds, timezone)",
    family: "date",
    answers: "The same on the clock of a time zone such as 'Europe/Paris'.",
    check: takes(["datetime", "integer", "text"], "datetime"),
    toSql: (operands) => truncate(at(operands, 0), at(operands, 1), at(operands, 2)),
  },
  {
    name: "TruncQuarter",
    usage: "TruncQuarter(date)",
    family: "date",
    answers: "The first day of the quarter.",
    check: takes(["moment"], "same"),
    toSql: startOf("quarter"),
  },
  {
    name: "TruncTime",
    usage: "TruncTime(date, seconds)",
    family: "date",
    answers: "The time of day, cut to a multiple of so many seconds: 3600 gives the hour.",
    check: takes(["clock", "integer"], "time"),
    toSql: (operands, kinds, around) => {
      const time =
        kinds[0] === "time" ? at(operands, 0) : sql`(${wall(at(operands, 0), kinds[0], around)})::timestamp::time`;
      const day = sql`timestamp '2000-01-01'`;
      return sql`date_bin(${stride(at(operands, 1))}, date '2000-01-01' + ${time}, ${day})::time`;
    },
  },
  {
    name: "TruncWeek",
    usage: "TruncWeek(date)",
    family: "date",
    answers: "The Monday of the week.",
    check: takes(["moment"], "same"),
    toSql: startOf("week"),
  },
  {
    name: "TruncYear",
    usage: "TruncYear(date)",
    family: "date",
    answers: "The first of January.",
    check: takes(["moment"], "same"),
    toSql: startOf("year"),
  },
  part("WeekDay", "the day of the week, from 0 (Sunday) to 6 (Saturday)", (day) => sql`extract(dow from ${day})`),
  part("Year", "the year", (day) => sql`extract(year from ${day})`),
  part(
    "YearAndMonth",
    "year and month as one number: yyyymm",
    (day) => sql`(extract(year from ${day}) * 100 + extract(month from ${day}))`,
  ),
];

function part(name: string, answer: string, extract: (day: SqlFragment) => SqlFragment): FunctionDeclaration {
  return {
    name,
    usage: `${name}(date)`,
    family: "date",
    answers: `Of a date ${answer}.`,
    check: takes(["moment"], "integer"),
    toSql: (operands, kinds, around) => sql`${extract(wall(at(operands, 0), kinds[0], around))}::bigint`,
  };
}

function clockPart(name: "Hour" | "Minute" | "Second"): FunctionDeclaration {
  return {
    name,
    usage: `${name}(date)`,
    family: "date",
    answers: `The ${name.toLowerCase()} on the clock, from 0; of a time of day too.`,
    check: takes(["clock"], "integer"),
    toSql: (operands, kinds, around) => {
      const value = kinds[0] === "date" ? sql`${at(operands, 0)}::timestamp` : wall(at(operands, 0), kinds[0], around);
      return sql`floor(extract(${sql.raw(name.toLowerCase())} from ${value}))::bigint`;
    },
  };
}

function startOf(unit: "week" | "quarter" | "year"): FunctionDeclaration["toSql"] {
  const name = sql.raw(`'${unit}'`);
  return (operands, kinds, around) => {
    const [moment, kind] = [at(operands, 0), kinds[0]];
    if (kind === "date") return sql`date_trunc(${name}, ${moment}::timestamp)::date`;
    return momentOf(sql`date_trunc(${name}, ${wall(moment, kind, around)})`, around);
  };
}

function takesMomentOrText(kind: "date" | "datetime"): FunctionDeclaration["check"] {
  return (operands) => {
    const [only] = operands;
    if (only === undefined || operands.length !== 1) return undefined;
    const operand = only.kind === "text" ? only : fit(only, kind === "date" ? "moment" : "datetime");
    return operand && { kind, operands: [operand] };
  };
}
