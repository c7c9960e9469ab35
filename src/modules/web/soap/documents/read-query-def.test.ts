import assert from "node:assert/strict";
import { test } from "node:test";

import { readXml } from "#protocols/soap/read-xml.ts";

import { readQueryDef } from "./read-query-def.ts";

const read = (content: string, attributes = 'schema="nms:recipient"'): ReturnType<typeof readQueryDef> =>
  readQueryDef(readXml(`<queryDef ${attributes}>${content}</queryDef>`), (expression) => expression !== "false");

test("everything that a query may say is read", () => {
  const query = read(
    `<select><node expr=" @email " alias="@mail" groupBy="true"/><node expr="@gender" analyze="1"/>
       <node expr="rcpGrpRel" lineCount="5"><node expr="[group/@name]"/><where><condition expr="@a=1"/></where><orderBy><node expr="@b" sortDesc="true"/></orderBy></node></select>
     <orderBy><node expr="@email"/></orderBy><groupBy><node expr="@gender"/></groupBy><having><condition expr="CountAll() > 1"/></having>`,
    'schema="nms:recipient" operation="select" lineCount="10" startLine="20" distinct="true" fullLoad="true"',
  );
  assert.deepEqual(query, {
    schema: "nms:recipient",
    operation: "select",
    select: [
      { expr: "@email", alias: "@mail", isGroupedBy: true },
      { expr: "@gender", isAnalyzed: true },
      {
        expr: "rcpGrpRel",
        nested: {
          select: [{ expr: "[group/@name]" }],
          where: [{ kind: "expression", expr: "@a=1" }],
          orderBy: [{ expr: "@b", isDescending: true }],
          lineCount: 5,
        },
      },
    ],
    where: [],
    groupBy: ["@gender"],
    having: [{ kind: "expression", expr: "CountAll() > 1" }],
    orderBy: [{ expr: "@email" }],
    lineCount: 10,
    startLine: 20,
    isDistinct: true,
  });
});

test("conditions: each spelling of OR, groups, Except, links and sub-queries", () => {
  const { where } = read(
    `<where><condition expr="a" bool-operator="or"/><condition expr="b" boolOperator="AND NOT"/><condition expr="c"/>
       <condition><condition expr="d" boolOperator="OR"/><condition expr="e"/></condition>
       <condition expr="link" setOperator="not exists"><condition expr="f"/></condition>
       <condition expr="@id" setOperator="NOT IN"><subQuery schema="nms:group"><select><node expr="@id"/></select></subQuery></condition></where>`,
  );
  assert.deepEqual(where, [
    { kind: "expression", expr: "a", isOrNext: true },
    { kind: "expression", expr: "b" },
    { kind: "group", conditions: [{ kind: "expression", expr: "c" }], isNegated: true },
    {
      kind: "group",
      conditions: [
        { kind: "expression", expr: "d", isOrNext: true },
        { kind: "expression", expr: "e" },
      ],
    },
    { kind: "exists", expr: "link", isNegated: true, conditions: [{ kind: "expression", expr: "f" }] },
    {
      kind: "in",
      expr: "@id",
      isNegated: true,
      subQuery: {
        schema: "nms:group",
        operation: "select",
        select: [{ expr: "@id" }],
        where: [],
        groupBy: [],
        having: [],
        orderBy: [],
      },
    },
  ]);
});

test("a condition whose enabledIf is false is not there, nor what it joins", () => {
  const { where } = read(
    `<where><condition expr="a"/><condition expr="b" enabledIf="false" boolOperator="OR"/><condition expr="c" enabledIf="true"/><condition/></where>`,
  );
  assert.deepEqual(where, [
    { kind: "expression", expr: "a" },
    { kind: "expression", expr: "c" },
  ]);
});

test("what cannot be read is refused with a sentence", () => {
  const wrong: [() => unknown, RegExp][] = [
    [() => read("", ""), /names no schema/],
    [() => read("", 'schema="a" operation="drop"'), /operation is none of select, get/],
    [() => read("", 'schema="a" lineCount="-1"'), /lineCount is not a whole number/],
    [() => read("<select><node/></select>"), /no attribute expr/],
    [() => read(`<select><node sql="1"/></select>`), /SQL is not accepted/],
    [() => read(`<where><condition sql="1=1"/></where>`), /SQL is not accepted/],
    [() => read(`<where><condition expr="a" boolOperator="XOR"/></where>`), /boolOperator is AND/],
    [() => read(`<where><condition expr="a" setOperator="ANY"/></where>`), /setOperator is EXISTS/],
    [() => read(`<where><condition expr="a" setOperator="IN"/></where>`), /needs a subQuery/],
    [() => read(`<where><condition setOperator="EXISTS"/></where>`), /no attribute expr/],
  ];
  for (const [attempt, expected] of wrong) assert.throws(attempt, expected);
});
