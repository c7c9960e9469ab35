import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { isPostriderError } from "#foundation/errors.ts";
import { recipient } from "#schemas/recipient.ts";
import { processorMs } from "#test/support/processor-time.ts";

import { compileWhere } from "../compile-where.ts";
import { parseExpression } from "./parse-expression.ts";
import { tokenize } from "./tokenize.ts";

const longestMs = 1_000;

/** The tree or the error of the language; anything else is a defect, and so is a long time. */
function outcome(work: () => unknown): string {
  const begun = processorMs();
  try {
    work();
    return "tree";
  } catch (error) {
    if (!isPostriderError(error) || !error.code.startsWith("XTK-170")) throw error;
    assert.ok(error.message.length < 2_000, `a message of ${error.message.length} characters`);
    assert.ok(error.message.isWellFormed());
    return error.code;
  } finally {
    assert.ok(processorMs() - begun < longestMs, `it took ${processorMs() - begun} ms`);
  }
}

const runs = (numRuns: number): fc.Parameters<unknown> => ({
  numRuns,
  ...(process.env["POSTRIDER_TEST_SEED"] === undefined ? {} : { seed: Number(process.env["POSTRIDER_TEST_SEED"]) }),
});

const tokens = fc.constantFrom(
  ..."( ) , + - * / = == != <> < <= > >= and OR Not in LIKE is null NULL true FALSE @email @id [folder/@name] location/@city".split(
    " ",
  ),
  ..."../@x [../@x] group[1]/@label [/] 1 2.5 1e3 1e999 99999999999999999999 'a' '' 'it\\'s' '%\\%' #2021-07-07# #x# $(x) $long(@id)".split(
    " ",
  ),
  ..."Iif( Case( When( Else( Left( Count( RowNum( OrderBy( Desc( RowId AddDays( ToString( hasNamedRight( HasPackage( x".split(
    " ",
  ),
  ..."' \" [ ] # $ $( \\ % | ; -- /* */ E'\\'' $$ U&'\\0027' :: ＇ \0 \ud800 \ufeff".split(" "),
);

test("random characters and words are a tree or an error of the language, at once", () => {
  const outcomes = new Map<string, number>();
  const note = (text: string): void => {
    const result = outcome(() => parseExpression(text));
    outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
    if (result === "tree") outcome(() => compileWhere(recipient, text, { parameters: { x: 1 } }));
  };
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), note), runs(2_000));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => note(Buffer.from(bytes).toString("latin1"))),
    runs(2_000),
  );
  fc.assert(
    fc.property(fc.array(tokens, { maxLength: 20 }), (words) => note(words.join(" "))),
    runs(6_000),
  );
  fc.assert(
    fc.property(fc.array(tokens, { maxLength: 12 }), (words) => note(words.join(""))),
    runs(3_000),
  );
  assert.ok(
    (outcomes.get("tree") ?? 0) > 100 && (outcomes.get("XTK-170006") ?? 0) > 1_000,
    JSON.stringify([...outcomes]),
  );
});

test("texts of a million characters, and long runs of anything, are refused at once", () => {
  const pieces = [
    "(",
    "[",
    "'",
    "\\",
    "#",
    "$(",
    "@a",
    "a/",
    "../",
    "-",
    "not ",
    "1e",
    "a[",
    "a[1]/",
    "and ",
    "(1)+",
    "f(",
    "''",
    "x,",
    " ",
  ];
  for (const piece of pieces)
    for (const length of [1_000, 99_000, 1_000_000]) {
      const text = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
      outcome(() => compileWhere(recipient, text));
      outcome(() => compileWhere(recipient, `@email = '${text}`));
      outcome(() => compileWhere(recipient, `Upper(${text}) = 'x'`));
    }
  assert.equal(
    outcome(() => compileWhere(recipient, "x".repeat(1_000_000))),
    "XTK-170901",
  );
});

test("functions nested into each other do not make a mountain of SQL", () => {
  for (const name of ["TruncDate", "AddDays"]) {
    const nested = `${`${name}(`.repeat(90)}@created${", 60)".repeat(90)}`;
    outcome(() => compileWhere(recipient, `${nested} > #2021-07-07#`));
  }
  const choice = (depth: number): string =>
    depth === 0
      ? "@email"
      : `IsEmptyString(${choice(depth - 1)}, 'a', Left('b', Length(${depth === 1 ? "@email" : "'x'"})))`;
  outcome(() => compileWhere(recipient, `${choice(90)} = ''`));
  const deep = `${"Iif(".repeat(90)}@email${" = '', 'a', 'b')".repeat(90)} = 'x'`;
  assert.equal(
    outcome(() => compileWhere(recipient, deep)),
    "tree",
  );
  const truncated = `${"TruncDate(".repeat(60)}@created${", 60)".repeat(60)} is null`;
  assert.equal(
    outcome(() => compileWhere(recipient, truncated)),
    "XTK-170901",
  );
});

test("5,000 conditions and 90 parentheses are read, 200 parentheses are too many", () => {
  assert.equal(
    outcome(() => compileWhere(recipient, Array.from({ length: 5_000 }, () => "@id>1").join(" AND "))),
    "tree",
  );
  assert.equal(
    outcome(() => compileWhere(recipient, `${"(".repeat(90)}@id>1${")".repeat(90)}`)),
    "tree",
  );
  assert.equal(
    outcome(() => compileWhere(recipient, `${"(".repeat(200)}@id>1${")".repeat(200)}`)),
    "XTK-170901",
  );
  assert.equal(
    outcome(() => compileWhere(recipient, `@id in (${"1,".repeat(20_000)}1)`)),
    "XTK-170901",
  );
});

test("names, divisions and numbers are told apart", () => {
  const words = (text: string): string[] =>
    tokenize(text).map((token) => ("text" in token ? `${token.kind} ${token.text}` : token.kind));
  assert.deepEqual(words("location/@city/2"), ["path location/@city", "operator /", "number 2", "end"]);
  assert.deepEqual(words("@a/@b"), ["path @a", "operator /", "path @b", "end"]);
  assert.deepEqual(words("folder/parent/@name"), ["path folder/parent/@name", "end"]);
  assert.deepEqual(words("../../@x"), ["path ../../@x", "end"]);
  assert.deepEqual(words("group[1]/@label [group[1]/@label]"), ["path group[1]/@label", "path group[1]/@label", "end"]);
  assert.deepEqual(words("a /2"), ["word a", "operator /", "number 2", "end"]);
  assert.deepEqual(words("1.5e3 3e"), ["number 1.5e3", "number 3", "word e", "end"]);
});

test("a syntax error says what would be right", () => {
  const message = (text: string): string => {
    try {
      parseExpression(text);
    } catch (error) {
      return String(error);
    }
    return "";
  };
  assert.match(message("Count(*)"), /CountAll\(\)/);
  assert.match(message("7 % 2"), /Mod\(a, b\)/);
  assert.match(message("'a' || 'b'"), /joined with \+/);
  assert.match(message('@a = "x"'), /texts stand between '/);
  assert.match(message("@a = [b"), /not closed; end it with \]/);
});
