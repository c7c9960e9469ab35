/** The functions of the expression language: a closed list. What is not here is refused, whatever PostgreSQL would know. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { unify } from "./kinds.ts";
import type { Kind, Typed } from "./typed.ts";

/** What a function may need besides its operands. */
export type Surroundings = { readonly timezone: string };

export type FunctionDeclaration = {
  readonly name: string;
  /** How it is called, for messages and the reference: `Left(text, length)`. */
  readonly usage: string;
  readonly family: "aggregate" | "text" | "date" | "number" | "other";
  /** Checks the operands: the operands as the function takes them and the kind of its result; undefined when they do not fit. */
  readonly check: (
    operands: readonly Typed[],
  ) => { readonly kind: Kind; readonly operands: readonly Typed[] } | undefined;
  /** SQL over the compiled operands, which stand in parentheses where needed. */
  readonly toSql: (operands: readonly SqlFragment[], kinds: readonly Kind[], surroundings: Surroundings) => SqlFragment;
};

type Accepts = Kind | "number" | "moment" | "any";

/** Operands of fixed kinds; those behind `optional` may be left out. */
function takes(kinds: readonly Accepts[], result: Kind | "same", optional = 0): FunctionDeclaration["check"] {
  return (operands) => {
    if (operands.length > kinds.length || operands.length < kinds.length - optional) return undefined;
    const fits = operands.every((operand, index) => accepts(kinds[index] ?? "any", operand.kind));
    return fits ? { kind: result === "same" ? (operands[0]?.kind ?? "text") : result, operands } : undefined;
  };
}

function accepts(wanted: Accepts, kind: Kind): boolean {
  if (wanted === "number") return kind === "integer" || kind === "double";
  if (wanted === "moment") return kind === "date" || kind === "datetime";
  return wanted === "any" || wanted === kind;
}

/** Operands from `from` on are brought to one kind, which is the result's; those before it are of the kinds given. */
function takesAlike(before: readonly Accepts[], count: number): FunctionDeclaration["check"] {
  return (operands) => {
    const alike = operands.slice(before.length);
    if (alike.length !== count || !before.every((wanted, index) => accepts(wanted, operands[index]?.kind ?? "text")))
      return undefined;
    const unified = unify(alike);
    return unified && { kind: unified.kind, operands: [...operands.slice(0, before.length), ...unified.values] };
  };
}

type Operands = readonly SqlFragment[];
const nothing = sql`null`;
const at = (operands: Operands, index: number): SqlFragment => operands[index] ?? nothing;

/** A function that is one of PostgreSQL's, taking the same operands. */
function asIs(name: string): FunctionDeclaration["toSql"] {
  return (operands) => sql`${sql.raw(name)}(${sql.join(operands)})`;
}

/** A moment as the date and time that clocks show in the query's time zone. */
const local = (moment: SqlFragment, kind: Kind | undefined, { timezone }: Surroundings): SqlFragment =>
  kind === "date" ? moment : sql`(${moment} at time zone ${timezone}::text)`;

const part = (name: "year" | "month" | "day"): FunctionDeclaration["toSql"] => {
  return (operands, kinds, around) =>
    sql`extract(${sql.raw(name)} from ${local(at(operands, 0), kinds[0], around)})::bigint`;
};

const today = ({ timezone }: Surroundings): SqlFragment => sql`(now() at time zone ${timezone}::text)::date`;

const shiftDays = (sign: "+" | "-"): FunctionDeclaration["toSql"] => {
  return (operands, kinds, around) => {
    const days = sql`${at(operands, 1)}::integer`;
    if (kinds[0] === "date") return sql`(${at(operands, 0)} ${sql.raw(sign)} ${days})`;
    const shifted = sql`(${local(at(operands, 0), kinds[0], around)} ${sql.raw(sign)} make_interval(days => ${days}))`;
    return sql`(${shifted} at time zone ${around.timezone}::text)`;
  };
};

const list: readonly FunctionDeclaration[] = [
  {
    name: "CountAll",
    usage: "CountAll()",
    family: "aggregate",
    check: takes([], "integer"),
    toSql: () => sql`count(*)`,
  },
  { name: "Count", usage: "Count(value)", family: "aggregate", check: takes(["any"], "integer"), toSql: asIs("count") },
  {
    name: "Countdistinct",
    usage: "Countdistinct(value)",
    family: "aggregate",
    check: takes(["any"], "integer"),
    toSql: (operands) => sql`count(distinct ${at(operands, 0)})`,
  },
  {
    name: "Sum",
    usage: "Sum(number)",
    family: "aggregate",
    check: takes(["number"], "same"),
    // The sum of bigint is numeric in PostgreSQL; out of range is an error there, never a wrong figure.
    toSql: (operands, kinds) =>
      sql`sum(${at(operands, 0)})::${sql.raw(kinds[0] === "integer" ? "bigint" : "double precision")}`,
  },
  {
    name: "Avg",
    usage: "Avg(number)",
    family: "aggregate",
    check: takes(["number"], "double"),
    toSql: (operands) => sql`avg(${at(operands, 0)})::double precision`,
  },
  { name: "Min", usage: "Min(value)", family: "aggregate", check: orderable, toSql: asIs("min") },
  { name: "Max", usage: "Max(value)", family: "aggregate", check: orderable, toSql: asIs("max") },

  { name: "Lower", usage: "Lower(text)", family: "text", check: takes(["text"], "text"), toSql: asIs("lower") },
  { name: "Upper", usage: "Upper(text)", family: "text", check: takes(["text"], "text"), toSql: asIs("upper") },
  { name: "Ltrim", usage: "Ltrim(text)", family: "text", check: takes(["text"], "text"), toSql: asIs("ltrim") },
  { name: "Rtrim", usage: "Rtrim(text)", family: "text", check: takes(["text"], "text"), toSql: asIs("rtrim") },
  {
    name: "Length",
    usage: "Length(text)",
    family: "text",
    check: takes(["text"], "integer"),
    toSql: (operands) => sql`length(${at(operands, 0)})::bigint`,
  },
  {
    name: "Left",
    usage: "Left(text, length)",
    family: "text",
    check: takes(["text", "integer"], "text"),
    toSql: (operands) => sql`left(${at(operands, 0)}, ${count(at(operands, 1))})`,
  },
  {
    name: "Right",
    usage: "Right(text, length)",
    family: "text",
    check: takes(["text", "integer"], "text"),
    toSql: (operands) => sql`right(${at(operands, 0)}, ${count(at(operands, 1))})`,
  },
  {
    name: "Substring",
    usage: "Substring(text, from, length)",
    family: "text",
    check: takes(["text", "integer", "integer"], "text"),
    toSql: (operands) =>
      sql`substring(${at(operands, 0)} from greatest(${count(at(operands, 1))}, 1) for ${count(at(operands, 2))})`,
  },
  {
    name: "Charindex",
    usage: "Charindex(text, part)",
    family: "text",
    check: takes(["text", "text"], "integer"),
    toSql: (operands) => sql`strpos(${at(operands, 0)}, ${at(operands, 1)})::bigint`,
  },
  {
    name: "JuxtWords",
    usage: "JuxtWords(text, text)",
    family: "text",
    check: takes(["text", "text"], "text"),
    toSql: (operands) => sql`concat_ws(' ', nullif(${at(operands, 0)}, ''), nullif(${at(operands, 1)}, ''))`,
  },
  {
    name: "GetEmailDomain",
    usage: "GetEmailDomain(address)",
    family: "text",
    check: takes(["text"], "text"),
    toSql: (operands) => sql`lower(split_part(${at(operands, 0)}, '@', 2))`,
  },
  {
    name: "ToString",
    usage: "ToString(value[, decimals])",
    family: "text",
    check: (operands) =>
      (operands[0]?.kind === "double" ? takes(["double", "integer"], "text", 1) : takes(["any"], "text"))(operands),
    toSql: (operands, kinds, around) => {
      const value = at(operands, 0);
      if (kinds[0] === "datetime") return sql`to_char(${local(value, "datetime", around)}, 'YYYY-MM-DD HH24:MI:SS')`;
      if (kinds[0] === "date") return sql`to_char(${value}, 'YYYY-MM-DD')`;
      if (kinds[0] === "boolean") return sql`(${value}::integer)::text`;
      if (kinds[0] !== "double") return sql`(${value}::text)`;
      return operands.length === 1
        ? sql`trim_scale(${value}::numeric)::text`
        : sql`round(${value}::numeric, ${decimals(at(operands, 1))})::text`;
    },
  },

  { name: "GetDate", usage: "GetDate()", family: "date", check: takes([], "datetime"), toSql: () => sql`now()` },
  { name: "Year", usage: "Year(date)", family: "date", check: takes(["moment"], "integer"), toSql: part("year") },
  { name: "Month", usage: "Month(date)", family: "date", check: takes(["moment"], "integer"), toSql: part("month") },
  { name: "Day", usage: "Day(date)", family: "date", check: takes(["moment"], "integer"), toSql: part("day") },
  {
    name: "DateOnly",
    usage: "DateOnly(date)",
    family: "date",
    check: takes(["moment"], "date"),
    toSql: (operands, kinds, around) => sql`${local(at(operands, 0), kinds[0], around)}::date`,
  },
  {
    name: "DaysAgo",
    usage: "DaysAgo(days)",
    family: "date",
    check: takes(["integer"], "date"),
    toSql: (operands, _, around) => sql`(${today(around)} - ${at(operands, 0)}::integer)`,
  },
  {
    name: "AddDays",
    usage: "AddDays(date, days)",
    family: "date",
    check: takes(["moment", "integer"], "same"),
    toSql: shiftDays("+"),
  },
  {
    name: "SubDays",
    usage: "SubDays(date, days)",
    family: "date",
    check: takes(["moment", "integer"], "same"),
    toSql: shiftDays("-"),
  },

  { name: "Abs", usage: "Abs(number)", family: "number", check: takes(["number"], "same"), toSql: asIs("abs") },
  { name: "Ceil", usage: "Ceil(number)", family: "number", check: takes(["number"], "same"), toSql: wholeBy("ceil") },
  {
    name: "Floor",
    usage: "Floor(number)",
    family: "number",
    check: takes(["number"], "same"),
    toSql: wholeBy("floor"),
  },
  {
    name: "Round",
    usage: "Round(number, decimals)",
    family: "number",
    check: takes(["number", "integer"], "double"),
    toSql: (operands) => sql`round(${at(operands, 0)}::numeric, ${decimals(at(operands, 1))})::double precision`,
  },

  {
    name: "Iif",
    usage: "Iif(condition, value, otherwise)",
    family: "other",
    check: takesAlike(["boolean"], 2),
    toSql: (operands) => sql`case when ${at(operands, 0)} then ${at(operands, 1)} else ${at(operands, 2)} end`,
  },
  {
    name: "Coalesce",
    usage: "Coalesce(value, otherwise)",
    family: "other",
    check: takesAlike([], 2),
    // Classic's numbers and texts are never null but 0 and empty.
    toSql: (operands, kinds) => {
      if (kinds[0] === "text") return sql`coalesce(nullif(${at(operands, 0)}, ''), ${at(operands, 1)})`;
      if (kinds[0] === "integer" || kinds[0] === "double")
        return sql`coalesce(nullif(${at(operands, 0)}, 0), ${at(operands, 1)})`;
      return sql`coalesce(${at(operands, 0)}, ${at(operands, 1)})`;
    },
  },
  {
    name: "IsEmptyString",
    usage: "IsEmptyString(text, value, otherwise)",
    family: "other",
    check: takesAlike(["text"], 2),
    toSql: (operands) =>
      sql`case when coalesce(${at(operands, 0)}, '') = '' then ${at(operands, 1)} else ${at(operands, 2)} end`,
  },
];

const byName = new Map(list.map((declaration) => [declaration.name.toLowerCase(), declaration]));

/** The declaration of a function, whatever the case of its name. */
export function findFunction(name: string): FunctionDeclaration | undefined {
  return byName.get(name.toLowerCase());
}

function orderable(operands: readonly Typed[]): ReturnType<FunctionDeclaration["check"]> {
  const [only] = operands;
  return operands.length === 1 && only !== undefined && only.kind !== "boolean"
    ? { kind: only.kind, operands }
    : undefined;
}

function wholeBy(name: "ceil" | "floor"): FunctionDeclaration["toSql"] {
  return (operands, kinds) => (kinds[0] === "integer" ? at(operands, 0) : sql`${sql.raw(name)}(${at(operands, 0)})`);
}

/** A length as PostgreSQL takes it: what is negative means nothing, what is huge means all. */
function count(value: SqlFragment): SqlFragment {
  return sql`least(greatest(${value}, 0), 1000000000)::integer`;
}

/** Decimals, at most what a double can show. */
function decimals(value: SqlFragment): SqlFragment {
  return sql`least(greatest(${value}, -15), 15)::integer`;
}
