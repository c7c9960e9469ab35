import assert from "node:assert/strict";
import { test } from "node:test";

import { isDocumentType, type ParameterType, readParameter, type ValueOf, writeParameter } from "./parameter-types.ts";
import { readXml } from "./read-xml.ts";
import { writeAnswer, writeFault } from "./write-envelope.ts";
import { writeXml } from "./write-xml.ts";
import { anElement, childOf, childrenOf, textOf, type XmlElement } from "./xml-element.ts";

function body(text: string): XmlElement {
  const found = childOf(readXml(text), "Body");
  assert.ok(found);
  return found;
}

test("an answer has the literal names that clients look for", () => {
  const answer = writeAnswer("xtk:session", "Logon", [
    { name: "pstrSessionToken", type: "string", value: "___T" },
    { name: "pSessionInfo", type: "DOMElement", value: anElement("sessionInfo", { a: 1 }) },
    { name: "ptmServerTime", type: "datetime", value: new Date("2026-11-21T10:00:00.123Z") },
  ]);
  assert.match(answer, /<SOAP-ENV:Body><LogonResponse xmlns='urn:xtk:session' SOAP-ENV:encodingStyle='[^']+'>/);
  assert.match(answer, /<pstrSessionToken xsi:type='xsd:string'>___T<\/pstrSessionToken>/);
  assert.match(
    answer,
    /<pSessionInfo xsi:type='ns:Element' SOAP-ENV:encodingStyle='http:\/\/xml\.apache\.org\/xml-soap\/literalxml'><sessionInfo a="1"\/><\/pSessionInfo>/,
  );
  assert.match(answer, /<ptmServerTime xsi:type='xsd:dateTime'>2026-11-21T10:00:00\.123Z<\/ptmServerTime>/);
  assert.deepEqual(
    childrenOf(body(answer))
      .flatMap(childrenOf)
      .map(({ name }) => name),
    ["pstrSessionToken", "pSessionInfo", "ptmServerTime"],
  );
});

test("a fault has unprefixed elements, and the chain of errors innermost first", () => {
  const fault = childrenOf(
    body(
      writeFault({ code: "Client", text: "SOP-330011 <outer>", detail: ["XTK-1 inner & cause", "SOP-330011 <outer>"] }),
    ),
  );
  assert.deepEqual(
    fault.map(({ name }) => name),
    ["Fault"],
  );
  assert.deepEqual(
    fault.flatMap(childrenOf).map((element) => [element.name, textOf(element)]),
    [
      ["faultcode", "SOAP-ENV:Client"],
      ["faultstring", "SOP-330011 <outer>"],
      ["detail", "XTK-1 inner & cause\nSOP-330011 <outer>"],
    ],
  );
});

test("whatever a value holds, the answer is well-formed and gives it back, but for what XML cannot hold", () => {
  const awkward = "é\u{1f600} <a&b> ]]> \"'\r\n\t end";
  const written = writeXml(anElement("x", { value: awkward }, awkward, anElement("y")));
  const read = readXml(written);
  assert.equal(read.attributes.get("value"), awkward);
  assert.equal(textOf(read), awkward);
  assert.equal(textOf(readXml(writeXml(anElement("x", {}, "a\u0000b\u001bc\ufffed\ud800e")))), "abcd\ufffde");
});

function roundTrip<T extends ParameterType>(type: T, text: string): ValueOf<T> {
  const value = readParameter(type, "p", anElement("p", {}, text));
  const { content } = writeParameter(type, value);
  assert.ok(typeof content === "string");
  assert.deepEqual(readParameter(type, "p", anElement("p", {}, content)), value);
  return value;
}

test("scalars keep their value both ways", () => {
  assert.equal(roundTrip("string", " a b "), " a b ");
  assert.equal(roundTrip("boolean", "1"), true);
  assert.equal(roundTrip("boolean", "false"), false);
  assert.equal(roundTrip("byte", "-128"), -128);
  assert.equal(roundTrip("long", "2147483647"), 2_147_483_647);
  assert.equal(roundTrip("int64", "9007199254740993"), 9_007_199_254_740_993n);
  assert.equal(roundTrip("double", "-1.5e-7"), -1.5e-7);
  assert.deepEqual(roundTrip("datetime", "2026-11-21T10:00:00.123Z"), new Date("2026-11-21T10:00:00.123Z"));
  assert.deepEqual(roundTrip("datetime", "2026-11-21 10:00:00.000Z"), new Date("2026-11-21T10:00:00Z"));
  assert.equal(roundTrip("date", "2026-11-21T00:00:00.000Z"), "2026-11-21");
});

test("an empty or missing value is the type's empty value", () => {
  const empty = (type: ParameterType): unknown => [
    readParameter(type, "p", undefined),
    readParameter(type, "p", anElement("p")),
  ];
  assert.deepEqual(empty("string"), ["", ""]);
  assert.deepEqual(empty("long"), [0, 0]);
  assert.deepEqual(empty("int64"), [0n, 0n]);
  assert.deepEqual(empty("boolean"), [false, false]);
  assert.deepEqual(empty("datetime"), [undefined, undefined]);
  assert.deepEqual(empty("DOMElement"), [undefined, undefined]);
});

test("a value of another type is refused with the parameter's name", () => {
  for (const [type, text] of [
    ["boolean", "yes"],
    ["byte", "128"],
    ["long", "1.5"],
    ["long", "2147483648"],
    ["int64", "9223372036854775808"],
    ["int64", "0x10"],
    ["double", "Infinity"],
    ["datetime", "tomorrow"],
    ["datetime", "2026-13-45T00:00:00Z"],
    ["date", "21.11.2026"],
  ] as const) {
    assert.throws(
      () => readParameter(type, "when", anElement("p", {}, text)),
      { problem: "parameter", message: /'when'/ },
      `${type} ${text}`,
    );
  }
  assert.throws(() => readParameter("DOMElement", "doc", anElement("p", {}, anElement("a"), anElement("b"))), {
    problem: "parameter",
  });
  assert.equal(isDocumentType("DOMDocument"), true);
});
