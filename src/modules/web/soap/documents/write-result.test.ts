import assert from "node:assert/strict";
import { test } from "node:test";

import type { QueryResult, ResultColumn, ResultRow } from "#datamodel/query-def/query-def.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";

import { writeResult } from "./write-result.ts";

function aResult(columns: readonly ResultColumn[], rows: readonly ResultRow[], id = "nms:recipient"): QueryResult {
  const schema = builtInSchemas.find(id);
  assert.ok(schema !== undefined);
  return { kind: "rows", schema, columns, rows };
}

const email: ResultColumn = { path: "@email", type: "string" };

test("select answers a collection, get one element, and nothing is an element without anything", () => {
  const rows = aResult([email], [["a@b.c"], ["d@e.f"]]);
  assert.equal(
    writeXml(writeResult(rows, "select")),
    '<recipient-collection><recipient email="a@b.c"/><recipient email="d@e.f"/></recipient-collection>',
  );
  assert.equal(writeXml(writeResult(rows, "get")), '<recipient email="a@b.c"/>');
  const none = aResult([email], []);
  assert.equal(writeXml(writeResult(none, "select")), "<recipient-collection/>");
  assert.equal(writeXml(writeResult(none, "getIfExists")), "<recipient/>");
  const { schema } = none;
  assert.equal(writeXml(writeResult({ kind: "count", schema, count: 3 }, "count")), '<recipient count="3"/>');
});

test("values stand at their paths, and those below the same path meet in one element", () => {
  const result = aResult(
    [
      { path: "folder/@name", type: "string" },
      { path: "folder/parent/@name", type: "string" },
      { path: "folder/@id", type: "int64" },
      { path: "../@total", type: "int64" },
      { path: "note", type: "memo" },
    ],
    [["root", null, 12, 7, "long <text>"]],
  );
  assert.equal(
    writeXml(writeResult(result, "get")),
    '<recipient total="7"><folder name="root" id="12"><parent name=""/></folder><note>long &lt;text&gt;</note></recipient>',
  );
});

test("moments, days, booleans and what is not there are written as clients of Classic read them", () => {
  const types = ["datetime", "date", "boolean", "byte", "double", "string", "datetime"] as const;
  const row = [new Date("2024-02-29T10:11:12.345Z"), "2024-02-29", true, null, 1.5, null, null];
  const columns = types.map((type, index): ResultColumn => ({ path: `@v${index}`, type }));
  assert.equal(
    writeXml(writeResult(aResult(columns, [row]), "get")),
    '<recipient v0="2024-02-29 10:11:12.345Z" v1="2024-02-29" v2="1" v3="0" v4="1.5" v5="" v6=""/>',
  );
});

test("rows behind a link are elements side by side, documents stand whole", () => {
  const nested = aResult(
    [email, { path: "rcpGrpRel", type: "string", nested: [{ path: "group/@name", type: "string" }] }],
    [["a@b.c", [["one"], ["two"]]]],
  );
  assert.equal(
    writeXml(writeResult(nested, "get")),
    '<recipient email="a@b.c"><rcpGrpRel><group name="one"/></rcpGrpRel><rcpGrpRel><group name="two"/></rcpGrpRel></recipient>',
  );
  const document = aResult(
    [
      { path: "@name", type: "string" },
      { path: "document", type: "xml" },
    ],
    [["x", '<srcSchema name="x" library="cus:x"><element name="x"/></srcSchema>']],
    "xtk:srcSchema",
  );
  assert.equal(
    writeXml(writeResult(document, "get")),
    '<srcSchema name="x" library="cus:x"><element name="x"/></srcSchema>',
  );
});
