/** Random expressions over random recipients: PostgreSQL and a small evaluator written apart from the compiler must agree. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import type { Database } from "#foundation/database.ts";
import { recipient } from "#schemas/recipient.ts";
import { aDatabase } from "#test/support/database.ts";

import { selectKeys } from "./query.ts";

type Row = {
  id: number;
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  city: string | null;
  gender: number;
  status: number;
  blackList: boolean;
  birthDate: string | null;
};

/** An expression as it is written, and what it is worth for a row; null is SQL's unknown. */
type Written<T> = { readonly text: string; readonly of: (row: Row) => T | null };

/** `null` in, `null` out, as most operators of SQL do. */
function strict<A, T>(
  text: string,
  operands: readonly Written<A>[],
  compute: (...values: A[]) => T | null,
): Written<T> {
  return {
    text,
    of: (row) => {
      const values = operands.map((operand) => operand.of(row));
      return values.some((value) => value === null) ? null : compute(...(values as A[]));
    },
  };
}

const letters = fc.constantFrom(...Array.from("aAbBzé%_'\\\"; -$漢🙂ÀÿE.@"));
const words = fc.string({ unit: letters, maxLength: 5 });
const quote = (text: string): string => `'${text.replace(/['\\]/g, "\\$&")}'`;
const characters = (text: string): string[] => Array.from(text);

/** The order of the builtin collation C.UTF-8: by code point. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [characters(a), characters(b)];
  for (const [index, character] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const textAttributes = fc.constantFrom<Written<string>>(
  { text: "@email", of: (row) => row.email },
  { text: "[@firstName]", of: (row) => row.firstName },
  { text: "@lastName", of: (row) => row.lastName },
  { text: "location/@city", of: (row) => row.city },
);
const numberAttributes = fc.constantFrom<Written<number>>(
  { text: "@gender", of: (row) => row.gender },
  { text: "@status", of: (row) => row.status },
);
const days = fc
  .date({ min: new Date("1900-01-01"), max: new Date("2030-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const smallNumber = fc.integer({ min: -9, max: 9 });

function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

const { condition } = fc.letrec<{
  text: Written<string>;
  number: Written<number>;
  date: Written<string>;
  condition: Written<boolean>;
}>((tie) => {
  const text = tie("text");
  const number = tie("number");
  const date = tie("date");
  const condition = tie("condition");
  const choose = <T>(test: Written<boolean>, yes: Written<T>, no: Written<T>): Written<T> => ({
    text: `Iif(${test.text}, ${yes.text}, ${no.text})`,
    of: (row) => (test.of(row) === true ? yes.of(row) : no.of(row)),
  });
  const comparison = <T>(
    operator: string,
    left: Written<T>,
    right: Written<T>,
    order: (a: T, b: T) => number,
  ): Written<boolean> =>
    strict(`(${left.text} ${operator} ${right.text})`, [left, right], (a, b) => meets(operator, order(a, b)));
  const operators = fc.constantFrom("=", "==", "<>", "!=", "<", "<=", ">", ">=");

  return {
    text: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      textAttributes,
      words.map((word) => ({ text: quote(word), of: () => unescapeLiteral(word) })),
      text.map((value) => strict(`Lower(${value.text})`, [value], (s) => s.toLowerCase())),
      text.map((value) => strict(`uPPER(${value.text})`, [value], (s) => characters(s).map(upper).join(""))),
      fc
        .tuple(text, smallNumber)
        .map(([value, count]) =>
          strict(`Left(${value.text}, ${count})`, [value], (s) => characters(s).slice(0, Math.max(count, 0)).join("")),
        ),
      fc
        .tuple(text, smallNumber)
        .map(([value, count]) =>
          strict(`Right(${value.text}, ${count})`, [value], (s) =>
            count <= 0 ? "" : characters(s).slice(-count).join(""),
          ),
        ),
      fc.tuple(text, smallNumber, smallNumber).map(([value, from, count]) =>
        strict(`Substring(${value.text}, ${from}, ${count})`, [value], (s) =>
          characters(s)
            .slice(Math.max(from, 1) - 1)
            .slice(0, Math.max(count, 0))
            .join(""),
        ),
      ),
      fc.tuple(text, text).map(([a, b]) => strict(`(${a.text} + ${b.text})`, [a, b], (x, y) => x + y)),
      text.map((value) =>
        strict(`GetEmailDomain(${value.text})`, [value], (s) => (s.split("@")[1] ?? "").toLowerCase()),
      ),
      fc
        .tuple(text, text)
        .map(([a, b]) => ({ text: `Coalesce(${a.text}, ${b.text})`, of: (row: Row) => a.of(row) || b.of(row) })),
      fc.tuple(text, text).map(([a, b]) => ({
        text: `JuxtWords(${a.text}, ${b.text})`,
        of: (row: Row) => [a.of(row), b.of(row)].filter(Boolean).join(" "),
      })),
      fc.tuple(condition, text, text).map(([test, yes, no]) => choose(test, yes, no)),
    ),
    number: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      numberAttributes,
      smallNumber.map((value) => ({ text: String(value), of: () => value })),
      text.map((value) => strict(`Length(${value.text})`, [value], (s) => characters(s).length)),
      fc.tuple(text, words).map(([value, part]) => {
        const wanted = unescapeLiteral(part);
        return strict(
          `Charindex(${value.text}, ${quote(part)})`,
          [value],
          (s) => characters(s.slice(0, Math.max(s.indexOf(wanted), 0))).length + (s.includes(wanted) ? 1 : 0),
        );
      }),
      fc
        .tuple(number, fc.constantFrom("+", "-", "*"), number)
        .map(([a, operator, b]) =>
          strict(`(${a.text} ${operator} ${b.text})`, [a, b], (x, y) => compute(operator, x, y)),
        ),
      fc
        .tuple(number, number)
        .map(([a, b]) => strict(`(${a.text} / ${b.text})`, [a, b], (x, y) => (y === 0 ? null : x / y))),
      number.map((value) => strict(`Abs(-${value.text})`, [value], Math.abs)),
      date.map((value) => strict(`Year(${value.text})`, [value], (day) => Number(day.slice(0, 4)))),
      fc
        .tuple(number, number)
        .map(([a, b]) => ({ text: `Coalesce(${a.text}, ${b.text})`, of: (row: Row) => a.of(row) || b.of(row) })),
    ),
    date: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constant<Written<string>>({ text: "@birthDate", of: (row) => row.birthDate }),
      days.map((day) => ({ text: `#${day}#`, of: () => day })),
      fc
        .tuple(date, smallNumber)
        .map(([value, count]) => strict(`AddDays(${value.text}, ${count})`, [value], (day) => addDays(day, count))),
      fc
        .tuple(date, smallNumber)
        .map(([value, count]) => strict(`SubDays(${value.text}, ${count})`, [value], (day) => addDays(day, -count))),
    ),
    condition: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constant<Written<boolean>>({ text: "@blackList", of: (row) => row.blackList }),
      fc.constant<Written<boolean>>({ text: "@blackList = 0", of: (row) => !row.blackList }),
      fc
        .tuple(operators, text, textAttributes)
        .map(([operator, a, b]) => emptyAware(operator, a, b, comparison(operator, a, b, compareTexts))),
      fc.tuple(fc.constantFrom("=", "<>"), textAttributes).map(([operator, a]) => ({
        text: `(${a.text} ${operator} '')`,
        of: (row: Row) => (operator === "=") === !a.of(row),
      })),
      fc.tuple(operators, number, number).map(([operator, a, b]) => comparison(operator, a, b, (x, y) => x - y)),
      fc
        .tuple(operators, date, date)
        .map(([operator, a, b]) => comparison(operator, a, b, (x, y) => (x < y ? -1 : x > y ? 1 : 0))),
      fc.tuple(textAttributes, fc.boolean()).map(([a, isNegated]) => ({
        text: `${a.text} is ${isNegated ? "not " : ""}null`,
        of: (row: Row) => isNegated !== !a.of(row),
      })),
      fc
        .tuple(textAttributes, fc.array(words, { minLength: 1, maxLength: 4 }), fc.boolean())
        .map(([a, list, isNegated]) => writtenIn(a, list, isNegated)),
      fc
        .tuple(number, fc.uniqueArray(smallNumber, { minLength: 1, maxLength: 4 }))
        .map(([a, list]) => strict(`${a.text} IN (${list.join(", ")})`, [a], (value) => list.includes(value))),
      fc
        .tuple(
          textAttributes,
          fc.array(fc.constantFrom("a", "A", "%", "_", "\\%", "\\_", "\\\\", "é", "@", "漢"), {
            minLength: 1,
            maxLength: 5,
          }),
          fc.boolean(),
        )
        .map(writtenLike),
      condition.map((value) => strict(`NOT (${value.text})`, [value], (held) => !held)),
      fc.array(condition, { minLength: 2, maxLength: 3 }).map((operands) => joined("AND", operands)),
      fc.array(condition, { minLength: 2, maxLength: 3 }).map((operands) => joined("or", operands)),
    ),
  };
});

/** Only these letters occur, so that simple and full case mapping are the same. */
function upper(character: string): string {
  return character === "ÿ" ? "Ÿ" : character.toUpperCase();
}

/** `\'` and `\\` were written by `quote`; other characters stand for themselves. */
function unescapeLiteral(word: string): string {
  return word;
}

function compute(operator: string, a: number, b: number): number {
  if (operator === "+") return a + b;
  return operator === "-" ? a - b : a * b;
}

function meets(operator: string, order: number): boolean {
  if (operator === "=" || operator === "==") return order === 0;
  if (operator === "<>" || operator === "!=") return order !== 0;
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

/** A comparison with the text '' is a test for emptiness, when it is written so. */
function emptyAware(
  operator: string,
  a: Written<string>,
  b: Written<string>,
  plain: Written<boolean>,
): Written<boolean> {
  if (a.text !== "''" || !["=", "==", "<>", "!="].includes(operator)) return plain;
  const isEqual = operator === "=" || operator === "==";
  return { text: plain.text, of: (row) => isEqual === !b.of(row) };
}

function writtenIn(a: Written<string>, list: readonly string[], isNegated: boolean): Written<boolean> {
  return {
    text: `${a.text} ${isNegated ? "NOT IN" : "in"} (${list.map(quote).join(", ")})`,
    of: (row) => {
      const value = a.of(row);
      if (list.includes("") && !value) return !isNegated;
      if (value === null) return null;
      return list.includes(value) !== isNegated;
    },
  };
}

function writtenLike([a, parts, isNegated]: [Written<string>, string[], boolean]): Written<boolean> {
  const pattern = parts
    .map((part) => {
      if (part === "%") return ".*";
      return part === "_"
        ? "."
        : part
            .replace(/^\\/, "")
            .replace(/[\\%_]/g, "\\$&")
            .replace(/\\([%_])/, "$1");
    })
    .join("");
  const expected = new RegExp(`^${pattern}$`, "su");
  return strict(
    `${a.text} ${isNegated ? "not like" : "LIKE"} '${parts.join("")}'`,
    [a],
    (value) => expected.test(value) !== isNegated,
  );
}

/** Three-valued: unknown AND false is false, unknown OR true is true. */
function joined(word: "AND" | "or", operands: readonly Written<boolean>[]): Written<boolean> {
  const deciding = word === "or";
  return {
    text: `(${operands.map(({ text }) => text).join(` ${word} `)})`,
    of: (row) => {
      const values = operands.map((operand) => operand.of(row));
      if (values.includes(deciding)) return deciding;
      return values.includes(null) ? null : !deciding;
    },
  };
}

const someText = fc.option(words, { freq: 4 });
const someRow = fc.record({
  email: someText,
  firstName: someText,
  lastName: someText,
  city: someText,
  gender: fc.integer({ min: 0, max: 2 }),
  status: fc.integer({ min: -3, max: 9 }),
  blackList: fc.boolean(),
  birthDate: fc.option(days, { freq: 4 }),
});

async function insertRows(db: Database): Promise<Row[]> {
  const rows = fc.sample(someRow, { numRuns: 150, seed: 7 }).map((row, index) => ({ ...row, id: index + 1 }));
  await db.run`
    insert into nms_recipient (recipient_id, email, first_name, last_name, city, gender, status, black_list, birth_date)
    select id, email, "firstName", "lastName", city, gender, status, "blackList", "birthDate"
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as r(id bigint, email text, "firstName" text, "lastName" text, city text, gender smallint, status smallint, "blackList" boolean, "birthDate" date)`;
  return rows;
}

test("compiled conditions select the same recipients as an evaluator in memory", async (t) => {
  const db = await aDatabase(t);
  const rows = await insertRows(db);
  const selections = new Set<number>();
  await fc.assert(
    fc.asyncProperty(condition, async ({ text, of }) => {
      const expected = rows.filter((row) => of(row) === true).map(({ id }) => id);
      selections.add(expected.length);
      assert.deepEqual(await selectKeys(db, { schema: recipient, where: text }), expected, text);
    }),
    {
      numRuns: 2_000,
      ...(process.env["POSTRIDER_TEST_SEED"] === undefined ? {} : { seed: Number(process.env["POSTRIDER_TEST_SEED"]) }),
    },
  );
  assert.ok(selections.size > 30, "the expressions tell recipients apart");
});
