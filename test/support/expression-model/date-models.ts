/** The functions over dates and times in memory. */

import { addMonths, calendar, dayOf, dayOfClock, fromClock, monthsBetween, toClock } from "./clocks.ts";
import { type FunctionModel, showDay } from "./function-model.ts";
import { type Around, dayMs, small, type ValueKind, within } from "./values.ts";

const shifts = (["Seconds", "Minutes", "Hours"] as const).flatMap((unit): FunctionModel[] => {
  const unitMs = unit === "Seconds" ? 1000 : unit === "Minutes" ? 60_000 : 3_600_000;
  return (["Add", "Sub"] as const).map((verb) => ({
    name: `${verb}${unit}`,
    takes: ["datetime", "integer"],
    gives: "datetime",
    of: ([ms, count]: [number, bigint], around) => {
      const shift = small(count, around);
      return shift === null ? null : within(ms + (verb === "Add" ? shift : -shift) * unitMs, around);
    },
  }));
});

const calendarShifts = (["Days", "Months", "Years"] as const).flatMap((unit) =>
  (["Add", "Sub"] as const).flatMap((verb): FunctionModel[] => {
    const shifted = (day: number, count: bigint, around: Around): number | null => {
      const number = small(verb === "Add" ? count : -count, around);
      if (number === null || within(number * dayMs * (unit === "Days" ? 1 : 31), around) === null) return null;
      const moved = unit === "Days" ? day + number : addMonths(day, number * (unit === "Years" ? 12 : 1));
      return within(moved * dayMs, around) === null ? null : moved;
    };
    return [
      {
        name: `${verb}${unit}`,
        takes: ["date", "integer"],
        gives: "date",
        of: ([day, count]: [number, bigint], around) => shifted(day, count, around),
      },
      {
        name: `${verb}${unit}`,
        takes: ["datetime", "integer"],
        gives: "datetime",
        of: ([ms, count]: [number, bigint], around) => {
          const clock = toClock(ms, around.timezone);
          const day = shifted(dayOfClock(clock), count, around);
          return day === null ? null : fromClock(day * dayMs + timeOf(clock), around.timezone);
        },
      },
    ];
  }),
);

const differences: readonly FunctionModel[] = [
  ...(["Seconds", "Minutes", "Hours"] as const).map((unit): FunctionModel => {
    const unitMs = unit === "Seconds" ? 1000 : unit === "Minutes" ? 60_000 : 3_600_000;
    return {
      name: `${unit}Diff`,
      takes: ["datetime", "datetime"],
      gives: "integer",
      of: ([end, start]: [number, number]) => BigInt(Math.trunc((end - start) / unitMs)),
    };
  }),
  ...(["date", "datetime"] as const).flatMap((end) =>
    (["date", "datetime"] as const).flatMap((start) =>
      (["Days", "Months", "Years"] as const).map(
        (unit): FunctionModel => ({
          name: `${unit}Diff`,
          takes: [end, start],
          gives: "integer",
          of: ([to, from]: [number, number], around) =>
            between(unit, dayIn(end, to, around), dayIn(start, from, around)),
        }),
      ),
    ),
  ),
  ...(["date", "datetime"] as const).flatMap((kind) =>
    (["Days", "Months", "Years"] as const).map(
      (unit): FunctionModel => ({
        name: `${unit}Old`,
        takes: [kind],
        gives: "integer",
        of: ([value]: [number], around) => between(unit, today(around), dayIn(kind, value, around)),
      }),
    ),
  ),
];

function between(unit: "Days" | "Months" | "Years", end: number, start: number): bigint {
  if (unit === "Days") return BigInt(end - start);
  const months = monthsBetween(end, start);
  return BigInt(unit === "Months" ? months : Math.trunc(months / 12));
}

function dayIn(kind: ValueKind, value: number, around: Around): number {
  return kind === "date" ? value : dayOfClock(toClock(value, around.timezone));
}

function today(around: Around): number {
  return dayOfClock(toClock(around.nowMs, around.timezone));
}

function timeOf(clock: number): number {
  return clock - dayOfClock(clock) * dayMs;
}

const parts: readonly FunctionModel[] = (["date", "datetime"] as const).flatMap((kind) => {
  const part = (name: string, of: (day: number) => number): FunctionModel => ({
    name,
    takes: [kind],
    gives: "integer",
    of: ([value]: [number], around) => BigInt(of(dayIn(kind, value, around))),
  });
  const start = (name: string, of: (day: number) => number): FunctionModel => ({
    name,
    takes: [kind],
    gives: kind,
    of: ([value]: [number], around) => {
      const day = of(dayIn(kind, value, around));
      return kind === "date" ? day : fromClock(day * dayMs, around.timezone);
    },
  });
  return [
    part("Year", (day) => yearOf(day)),
    part("Month", (day) => calendar(day).month),
    part("Day", (day) => calendar(day).day),
    part("DayOfYear", (day) => day - dayOf(calendar(day).year, 1, 1) + 1),
    part("WeekDay", (day) => (((day + 4) % 7) + 7) % 7),
    part("YearAndMonth", (day) => yearOf(day) * 100 + calendar(day).month),
    start("TruncWeek", (day) => day - ((((day + 3) % 7) + 7) % 7)),
    start("TruncQuarter", (day) => dayOf(calendar(day).year, Math.floor((calendar(day).month - 1) / 3) * 3 + 1, 1)),
    start("TruncYear", (day) => dayOf(calendar(day).year, 1, 1)),
    {
      name: "DateOnly",
      takes: [kind],
      gives: "date",
      of: ([value]: [number], around) => dayIn(kind, value, around),
    },
    {
      name: "ToDate",
      takes: [kind],
      gives: "date",
      of: ([value]: [number], around) => dayIn(kind, value, around),
    },
  ];
});

/** PostgreSQL knows no year 0. */
function yearOf(day: number): number {
  const { year } = calendar(day);
  return year > 0 ? year : year - 1;
}

const clocks: readonly FunctionModel[] = (["date", "datetime", "time"] as const).flatMap((kind): FunctionModel[] => {
  const time = (value: number, around: Around): number => {
    if (kind === "time") return value;
    return kind === "date" ? 0 : timeOf(toClock(value, around.timezone));
  };
  const part = (name: string, unitMs: number, modulus: number): FunctionModel => ({
    name,
    takes: [kind],
    gives: "integer",
    of: ([value]: [number], around) => BigInt(Math.floor(time(value, around) / unitMs) % modulus),
  });
  return [
    part("Hour", 3_600_000, 24),
    part("Minute", 60_000, 60),
    part("Second", 1000, 60),
    {
      name: "TruncTime",
      takes: [kind, "integer"],
      gives: "time",
      of: ([value, seconds]: [number, bigint], around) => {
        const stride = strideOf(seconds, around);
        return stride && Math.floor(time(value, around) / stride) * stride;
      },
    },
  ];
});

function strideOf(seconds: bigint, around: Around): number | null {
  const stride = small(seconds, around);
  return stride === null || stride <= 0 ? null : stride * 1000;
}

const reading: readonly FunctionModel[] = [
  {
    name: "DaysAgo",
    takes: ["integer"],
    gives: "date",
    of: ([days]: [bigint], around) => daysAgo(days, around),
  },
  {
    name: "DaysAgoInt",
    takes: ["integer"],
    gives: "integer",
    of: ([days]: [bigint], around) => {
      const day = daysAgo(days, around);
      const shown = day === null ? null : showDay(day, around);
      return shown === null ? null : BigInt(shown.replaceAll("-", ""));
    },
  },
  {
    name: "MonthsAgo",
    takes: ["integer"],
    gives: "date",
    of: ([months]: [bigint], around) => {
      const number = small(months, around);
      return number === null || within(number * 31 * dayMs, around) === null ? null : addMonths(today(around), -number);
    },
  },
  {
    name: "TruncDate",
    takes: ["datetime", "integer"],
    gives: "datetime",
    of: ([ms, seconds]: [number, bigint], around) => {
      const stride = strideOf(seconds, around);
      if (stride === null) return null;
      const clock = toClock(ms, around.timezone);
      const start = Math.floor(clock / stride) * stride;
      const moment = fromClock(start, around.timezone);
      return moment > ms ? ms - (clock - start) : moment;
    },
  },
  {
    name: "ToDateTime",
    takes: ["text"],
    gives: "datetime",
    of: ([text]: [string], around) => readMoment(text, around),
  },
  {
    name: "ToDate",
    takes: ["text"],
    gives: "date",
    of: ([text]: [string], around) => {
      const ms = readMoment(text, around);
      return ms === null ? null : dayOfClock(toClock(ms, around.timezone));
    },
  },
];

function daysAgo(days: bigint, around: Around): number | null {
  const number = small(days, around);
  const day = number === null ? null : today(around) - number;
  return day === null || within(day * dayMs, around) === null ? null : day;
}

function readMoment(text: string, around: Around): number | null {
  const found =
    /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?( ?(?:[zZ]|[+-]\d{2}(?::?\d{2})?))?)?$/.exec(
      text,
    );
  if (found === null) return null;
  const [, year, month, date, hour = "0", minute = "0", second = "0", fraction = "", zone] = found;
  const day = dayOf(Number(year), Number(month), Number(date));
  const read = calendar(day);
  const isDay = read.year === Number(year) && read.month === Number(month) && read.day === Number(date);
  if (!isDay || Number(year) === 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const clock = day * dayMs + seconds * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
  const offset = zone?.trim();
  if (offset === undefined) return fromClock(clock, around.timezone);
  if (offset.toUpperCase() === "Z") return clock;
  const [hours, minutes] = [Number(offset.slice(1, 3)), offset.length > 3 ? Number(offset.slice(-2)) : 0];
  if (hours > 15 || minutes > 59) return null;
  return clock - (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** `AddDays` ... `YearsOld`. */
export const dateModels: readonly FunctionModel[] = [
  ...shifts,
  ...calendarShifts,
  ...differences,
  ...parts,
  ...clocks,
  ...reading,
];
