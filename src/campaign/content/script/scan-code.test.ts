import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { type Enclosure, scanCode } from "./scan-code.ts";

test("what a piece of code leaves open is known, whatever stands in texts, comments and expressions", () => {
  const open = (code: string, before: Enclosure = []): string => {
    const enclosure = [...before];
    const { problem } = scanCode(code, enclosure);
    return problem === undefined ? enclosure.join("") : `${problem.offset}: ${problem.problem}`;
  };
  assert.equal(open("if (a) {"), "{");
  assert.equal(open("} else {", ["{"]), "{");
  assert.equal(open("items.forEach(function (x) {"), "({");
  assert.equal(open("})", ["(", "{"]), "");
  assert.equal(open(`var a = "}{(", b = '\\'{', c = /[/{]\\/(/g, d = a / b / 2; // {`), "");
  assert.equal(open("/* { */ var t = `a${ {b: `}`}.b }{` + `\\`${1}`"), "");
  assert.equal(open("x = a ? /{/ : 2 / 1 /* } */"), "");
  assert.equal(open("return /}/.test(x)"), "");
  assert.match(open("}"), /^0: There is no \{ for this \}/);
  assert.match(open("f(]"), /^2: There is no \[/);
  assert.match(open("a = 'x\n'"), /not closed/);
  assert.match(open("`a${"), /not closed/);
  assert.match(open("a /* b"), /^2: A comment is not closed/);
});

test("a condition without braces at the end is noticed", () => {
  const isDangling = (code: string): boolean => scanCode(code, ["{"]).isDangling;
  for (const code of ["if (a)", "else", "} else if (f(b)) ", "for (;;) // x", "while (x) /* y */", "do"])
    assert.equal(isDangling(code), true, code);
  for (const code of [
    "if (a) f()",
    "for (;;) all.push(new Array(1))",
    "if (a) {",
    "} while (x)",
    "f()",
    "x.else",
    "f(a); g(b)",
  ])
    assert.equal(isDangling(code), false, code);
});

test("the recipient's fields are found, and Classic's @ is taken off", () => {
  const uses = (code: string): string[] => scanCode(code, []).recipientUses.map((names) => names.join("."));
  assert.deepEqual(uses("recipient.firstName + recipient.location.city + recipient.@email + recipient['last-name']"), [
    "firstName",
    "location.city",
    "email",
    "last-name",
  ]);
  assert.deepEqual(uses("f(recipient); ({...recipient}); recipient[x]; x.recipient.y; 'recipient.z' // recipient.q"), [
    "",
    "",
    "",
  ]);
  assert.equal(scanCode("recipient.@email == '@'", []).code, "recipient.email == '@'");
});

test("no source makes the scan fail or change anything but @", () => {
  const piece = fc.constantFrom(
    "`",
    "${",
    "}",
    "{",
    "(",
    ")",
    "/",
    "*",
    "'",
    '"',
    "\\",
    "\n",
    "a",
    ".",
    "@",
    "recipient",
    "//",
    "[",
    "]",
    "=",
    "1",
    " ",
    "%",
    "é",
    "😀",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const source = pieces.join("");
      const { code } = scanCode(source, []);
      assert.equal(code.replaceAll("@", ""), source.replaceAll("@", ""));
    }),
    { numRuns: 2_000 },
  );
});
