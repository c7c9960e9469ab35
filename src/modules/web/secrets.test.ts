import assert from "node:assert/strict";
import { test } from "node:test";

import { builtInSchemas } from "#schemas/schema-set.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";
import { aRest, type Rest } from "#test/support/rest.ts";

const canary = "Canary-77-Secret";

/** Columns that no road shows at all, and fields that show a mask. */
const internals = builtInSchemas
  .all()
  .flatMap((schema) =>
    Object.entries(schema.attributes).flatMap(([name, { isInternal }]) =>
      isInternal === true ? [{ schema, name }] : [],
    ),
  );
const secrets = builtInSchemas
  .all()
  .flatMap((schema) =>
    Object.entries(schema.attributes).flatMap(([name, { isSecret }]) => (isSecret === true ? [{ schema, name }] : [])),
  );

/** Everything that could be done with a field to learn what is in it. */
const expressions = (field: string): string[] => [
  `@${field} + 'x'`,
  `ToString(@${field})`,
  `Upper(@${field})`,
  `Length(@${field})`,
  `Substring(@${field}, 1, 1)`,
  `Md5Digest(@${field})`,
  `Max(@${field})`,
  `Min(@${field})`,
  `Countdistinct(@${field})`,
  `Coalesce(@${field}, 'x')`,
  `Iif(1 = 1, @${field}, 'x')`,
  `Case(When(1 = 1, @${field}), Else('x'))`,
  `Iif(@${field} LIKE 'C%', 1, 0)`,
  `Iif(@${field} = 'x', 1, 0)`,
  `Iif(@${field} > 'C', 1, 0)`,
  `Iif(@${field} IN ('x'), 1, 0)`,
];

async function aSecret(rest: Rest): Promise<void> {
  const made = [
    await rest.call("POST", "/external-accounts", { name: "a1", label: "A", type: 0, password: canary }),
    await rest.call("PATCH", "/external-accounts/name=a1", { password: `${canary}2` }),
    await rest.call("POST", "/operators", { name: "bob", label: "Bob", password: `${canary} of Bob` }),
  ];
  for (const { status, text } of made) assert.ok(status < 300, text);
}

async function querying(rest: Rest, schema: Schema, parts: string): Promise<string> {
  const document = `<d><queryDef schema="${schemaId(schema)}" operation="select">${parts}</queryDef></d>`;
  return (await rest.web.call("ExecuteQuery", document, rest.tokens, "xtk:queryDef")).text;
}

const escaped = (text: string): string => text.replaceAll(">", "&gt;").replaceAll("<", "&lt;");

test("S-14: what is internal is in no query, and of a secret can only be asked whether it is there, by an administrator either", async (t) => {
  const rest = await aRest(t);
  await aSecret(rest);
  assert.ok(internals.length > 5 && secrets.length > 0);
  for (const { schema, name } of [...internals, ...secrets]) {
    const select = `<select><node expr="@created"/></select>`;
    const parts = [
      ...expressions(name).map((expr) => `<select><node expr="${escaped(expr)}"/></select>`),
      ...expressions(name).map((expr) => `${select}<where><condition expr="${escaped(expr)} = '1'"/></where>`),
      `${select}<orderBy><node expr="@${name}"/></orderBy>`,
    ];
    for (const part of parts)
      assert.match(await querying(rest, schema, part), /XTK-170036/, `${schemaId(schema)} ${part}`);
  }
  for (const { schema, name } of internals)
    assert.match(await querying(rest, schema, `<select><node expr="@${name}"/></select>`), /XTK-170036/);
  for (const { schema, name } of secrets) {
    const shown = await querying(rest, schema, `<select><node expr="@${name}"/></select>`);
    assert.match(shown, new RegExp(`${name}="\\*{8}"`));
  }
});

test("S-59: a secret that was stored is read back on no road, not even by an administrator", async (t) => {
  const rest = await aRest(t);
  await aSecret(rest);
  const made = await rest.call("POST", "/api-tokens", { label: "Shop", scopes: ["*"] });
  const token = String(made.json["token"]);
  const { entities } = (await rest.call("GET", "")).json as { entities: { name: string }[] };
  const texts: string[] = [];
  for (const { name } of entities)
    for (const address of [`/${name}?fields=*&limit=500`, `/${name}?limit=500`])
      texts.push((await rest.call("GET", address)).text);
  for (const address of ["/api-tokens?all=true", "/folders?fields=id,extAccount/password&limit=500", "/session"])
    texts.push((await rest.call("GET", address)).text);
  const account = (await rest.call("GET", "/external-accounts/name=a1")).json["id"];
  const call = async (method: string, parameters: string, service = "xtk:persist"): Promise<void> =>
    void texts.push((await rest.web.call(method, parameters, rest.tokens, service)).text);
  await call("Duplicate", `<d><x xtkschema="nms:extAccount"/></d><pk>nms:extAccount|${String(account)}</pk>`);
  await call("GetEntityIfMoreRecent", `<pk>nms:extAccount|a1</pk><md5/><b>false</b>`);
  for (const schema of builtInSchemas.all()) {
    const query = `<d><queryDef schema="${schemaId(schema)}" operation="select"><select/></queryDef></d>`;
    await call("SelectAll", `${query}<b>false</b>`, "xtk:queryDef");
    await call("ExecuteQuery", query.replace("<select/>", allOf(schema)), "xtk:queryDef");
  }
  for (const text of texts) assert.doesNotMatch(text, new RegExp(`${canary}|${token}|argon2|scrypt|@aes\\d`));
  assert.ok(texts.filter((text) => text.includes("********")).length >= 3, "the search sees where it is");
  assert.doesNotMatch(JSON.stringify(rest.web.records), new RegExp(`${canary}|${token}`));
});

function allOf(schema: Schema): string {
  const fields = Object.entries(schema.attributes).filter(([, { isInternal }]) => isInternal !== true);
  const nodes = fields.map(([path, { isElement }]) => `<node expr="${isElement === true ? path : `@${path}`}"/>`);
  return `<select>${nodes.join("")}</select>`;
}

test("S-59: what is wrong with a write that holds a secret is told without it", async (t) => {
  const rest = await aRest(t);
  await aSecret(rest);
  for (const body of [
    { name: "a1", label: "A", password: canary },
    { name: "a2", type: "no such type", password: canary },
    { name: "a3", password: canary.repeat(100) },
    { name: "a4", password: { a: canary } },
    { name: "a5", [canary]: 1, password: `${canary}\u0000` },
  ]) {
    const answer = await rest.call("POST", "/external-accounts", body);
    assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    if (!(canary in body)) assert.ok(!answer.text.includes(canary), answer.text);
  }
  const answer = await rest.call("POST", "/operators", { name: "bob", label: "x", password: `${canary} of Bob` });
  assert.ok(answer.status === 409 && !answer.text.includes(canary), answer.text);
});
