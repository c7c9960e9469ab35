/** Dates and times in SQL, as clocks show them in the time zone of the query. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import type { Kind } from "../typed.ts";

import type { Surroundings } from "./define-function.ts";

/**
 * Where the clock is put back, an hour occurs twice: a moment of its first run would be cut to a start in the second.
 * What would so be later than itself is cut by the time that passed.
 */
export function truncate(moment: SqlFragment, seconds: SqlFragment, timezone: SqlFragment): SqlFragment {
  const clock = sql`(${moment} at time zone ${timezone})`;
  const start = sql`date_bin(${stride(seconds)}, ${clock}, timestamp '1970-01-01')`;
  const cut = sql`(${start} at time zone ${timezone})`;
  return sql`case when ${cut} > ${moment} then ${moment} - (${clock} - ${start}) else ${cut} end`;
}

/** No multiple of nothing: null. */
export function stride(seconds: SqlFragment): SqlFragment {
  return sql`make_interval(secs => nullif(greatest(${seconds}, 0), 0))`;
}

/** A moment as the date and time that clocks show in the query's time zone; others as they are. */
export function wall(moment: SqlFragment, kind: Kind | undefined, { timezone }: Surroundings): SqlFragment {
  return kind === "datetime" ? sql`(${moment} at time zone ${timezone}::text)` : moment;
}

/** What clocks show as the moment. */
export function momentOf(clock: SqlFragment, { timezone }: Surroundings): SqlFragment {
  return sql`((${clock}) at time zone ${timezone}::text)`;
}

/** The day that clocks show at a moment; a date as it is. */
export function dayOf(moment: SqlFragment, kind: Kind | undefined, around: Surroundings): SqlFragment {
  return kind === "date" ? moment : sql`${wall(moment, kind, around)}::date`;
}

/** The day that clocks show when the query begins. */
export function today({ timezone }: Surroundings): SqlFragment {
  return sql`(now() at time zone ${timezone}::text)::date`;
}

/** The form is checked here, since PostgreSQL would also read `now`, `infinity` and `01/02/03`; the calendar by PostgreSQL. */
export function readMoment(text: SqlFragment, { timezone }: Surroundings): SqlFragment {
  const date = "^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}";
  const time = "[T ]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?";
  const zone = " ?([Zz]|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)";
  const matches = (pattern: string, type: "timestamp" | "timestamptz"): SqlFragment =>
    sql`${text} ~ ${sql.raw(`'${pattern}'`)} and pg_input_is_valid(${text}, ${sql.raw(`'${type}'`)})`;
  return sql`case
    when ${matches(`${date}${time}${zone}$`, "timestamptz")} then (${text})::timestamptz
    when ${matches(`${date}(${time})?$`, "timestamp")} then ((${text})::timestamp at time zone ${timezone}::text) end`;
}
