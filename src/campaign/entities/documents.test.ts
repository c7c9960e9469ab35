import assert from "node:assert/strict";
import { test } from "node:test";

import { readXml } from "#protocols/soap/read-xml.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";

import { documentForms } from "./documents.ts";
import { checkWorkflowDocument } from "./workflow-document.ts";

function form(path: string, name: string) {
  const found = documentForms.get(path);
  assert.ok(found);
  return {
    read: (xml: string): unknown => found.fromXml(readXml(xml)),
    write: (value: unknown): string => writeXml(found.toXml(name, value)),
  };
}

const activities = form("xtk:workflow#activities", "activities");
const targets = form("nms:delivery#targets", "targets");
const variables = form("xtk:workflow#variables", "variables");

const diagram =
  '<activities><start name="start" label="Start" x="10" y="20"><transitions><initial name="initial" enabled="true" target="signal"/></transitions></start>' +
  '<signal name="signal" label="Signal"><transitions><done name="done" enabled="true" target="query"/></transitions></signal>' +
  '<query name="query" label="Women" group="news"><where><condition expr="@gender = 2"/></where><transitions><result name="result" enabled="true" target="end"/></transitions></query>' +
  '<end name="end" label="" interruptsOthers="true"><transitions/></end></activities>';

test("a diagram that a client writes is the one he reads back", () => {
  const value = checkWorkflowDocument("w", activities.read(diagram));
  assert.deepEqual((value as { activities: { type: string; settings: object }[] }).activities[2], {
    type: "query",
    name: "query",
    label: "Women",
    settings: { group: "news", where: "@gender = 2" },
    transitions: [{ name: "result", target: "end" }],
  });
  assert.equal(activities.write(value), diagram);
});

test("Classic's sign before an activity's name, a transition that is not enabled and long settings are understood", () => {
  const value = checkWorkflowDocument(
    "w",
    activities.read(
      '<activities><delivery name="d" subject="Hi"><html><![CDATA[<p>a & b</p>]]></html><label>Of the delivery</label>' +
        '<transitions><result enabled="false" target="#end"/></transitions></delivery><end name="end"/></activities>',
    ),
  );
  assert.deepEqual((value as { activities: unknown[] }).activities[0], {
    type: "delivery",
    name: "d",
    label: "",
    settings: { subject: "Hi", html: "<p>a & b</p>", label: "Of the delivery" },
    transitions: [{ name: "result", target: "end", isDisabled: true }],
  });
  assert.match(activities.write(value), /<label>Of the delivery<\/label>/);
});

test("a diagram is judged when it is written, and none is one that is still to be drawn", () => {
  assert.deepEqual(checkWorkflowDocument("w", activities.read("<activities/>")), {});
  const wrong = activities.read(
    '<activities><start name="s"><transitions><a target="nowhere"/></transitions></start></activities>',
  );
  assert.throws(() => checkWorkflowDocument("w", wrong), { code: "WKF-100001", message: /nowhere/ });
});

test("whatever is stored can be shown", () => {
  assert.equal(variables.write(undefined), "<variables/>");
  assert.equal(variables.write([]), "<variables/>");
  for (const value of [undefined, null, {}, [], 3, "x", { activities: 1 }]) {
    assert.equal(activities.write(value), "<activities/>");
    assert.equal(targets.write(value), "<targets/>");
  }
});

test("targets of every kind are read back as they were written", () => {
  for (const value of [
    {},
    { all: true },
    { group: "news" },
    { where: "@email LIKE '%@example.org'" },
    { group: "news", where: "@gender = 1" },
    { workTable: "wkf7_9" },
  ])
    assert.deepEqual(targets.read(targets.write(value)), value);
});

test("several parts are joined as Classic joins them, and exclusions take away", () => {
  const part = (expr: string, more = ""): string =>
    `<targetPart type="query"${more}><where><condition expr="${expr}"/></where></targetPart>`;
  const read = (parts: string): unknown => targets.read(`<targets><deliveryTarget>${parts}</deliveryTarget></targets>`);
  assert.deepEqual(read(part("@gender=1") + part("@gender=2")), { where: "(@gender=1) OR (@gender=2)" });
  assert.deepEqual(read(part("@gender=1") + part("@language='fr'", ' exclusion="true"')), {
    where: "(@gender=1) AND (NOT (@language='fr'))",
  });
  assert.deepEqual(
    read('<targetPart type="group"><group name="g"/></targetPart>' + part("@gender=1", ' exclusion="1"')),
    { group: "g", where: "NOT (@gender=1)" },
  );
});

test("conditions are joined by AND, unless the first of two says OR, and may be nested", () => {
  const read = (conditions: string): unknown =>
    targets.read(`<targets><deliveryTarget><where>${conditions}</where></deliveryTarget></targets>`);
  assert.deepEqual(read('<condition expr="@gender=1" boolOperator="OR"/><condition expr="@gender=2"/>'), {
    where: "(@gender=1) OR (@gender=2)",
  });
  assert.deepEqual(
    read(
      '<condition expr="@gender=1"/><condition><condition expr="@id>1" bool-operator="OR"/><condition expr="@id&lt;0"/></condition>',
    ),
    { where: "(@gender=1) AND ((@id>1) OR (@id<0))" },
  );
});

test("a target that would mean something else here is refused in words", () => {
  const refuses = (xml: string, message: RegExp): void =>
    assert.throws(() => targets.read(`<targets>${xml}</targets>`), { message });
  refuses('<deliveryTarget><targetPart type="query"><where/></targetPart></deliveryTarget>', /selects nothing/);
  refuses('<deliveryTarget><targetPart type="file"/></deliveryTarget>', /of the type 'file'/);
  refuses(
    '<deliveryTarget><subQuery schema="nms:visitor"><where><condition expr="@id=1"/></where></subQuery></deliveryTarget>',
    /nms:visitor/,
  );
  refuses(
    '<deliveryTarget><where><condition expr="subscription" setOperator="EXISTS"/></where></deliveryTarget>',
    /asks another table \(EXISTS\)/,
  );
  refuses('<deliveryTarget><where><condition expr="@id=1" enabledIf="false"/></where></deliveryTarget>', /enabledIf/);
});

test("variables are texts by name", () => {
  assert.deepEqual(variables.read('<variables a="1" b="x"/>'), { a: "1", b: "x" });
  assert.equal(variables.write({ a: 1, b: true, c: null, d: { nested: 1 } }), '<variables a="1" b="true" c=""/>');
});
