import assert from "node:assert/strict";
import { test } from "node:test";

import { anOperator } from "#test/support/operators.ts";
import { listPackages, readOptionText } from "#test/support/package-store.ts";
import { aRest } from "#test/support/rest.ts";
import { aWeb, type Answer, faultOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

function install(web: RunningWeb, tokens: Tokens, content: string): Promise<Answer> {
  return web.call("InstallPackage", `<package>${content}</package>`, tokens, "xtk:builder");
}

const aPackage = (entities: string, attributes = 'namespace="cus" name="p" label="Mine" buildNumber="*"'): string =>
  `<pkgDesc><package ${attributes}>${entities}</package></pkgDesc>`;
const options = (value: string): string =>
  `<entities schema="xtk:option"><option name="a" dataType="6" stringValue="${value}"/><option name="b" dataType="6" stringValue="${value}"/></entities>`;

test("a package writes its entities and is noted, and is installed again over itself", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  for (const value of ["1", "2"]) {
    assert.deepEqual(faultOf(await install(web, tokens, aPackage(options(value)))), {});
    assert.equal(await readOptionText(web.context.db, "b"), value);
  }
  assert.deepEqual(await listPackages(web.context.db), ["cus:p Mine"]);
});

test("one entity that cannot be written leaves nothing behind", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  for (const wrong of [
    aPackage(`${options("1")}<entities schema="xtk:option"><option name="c" noSuchField="1"/></entities>`),
    aPackage(`${options("1")}<entities schema="xtk:nothing"><x/></entities>`),
    aPackage(options("1"), 'name="p"'),
    "<pkgDesc/>",
    "",
  ])
    assert.notDeepEqual(faultOf(await install(web, tokens, wrong)), {}, wrong);
  assert.equal(await readOptionText(web.context.db, "a"), undefined);
  assert.deepEqual(await listPackages(web.context.db), []);
});

const store = `<srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="store" label="Stores"><element name="store" autopk="true"><attribute name="code"/></element></srcSchema>`;

test("a schema is compiled as it is written, before the tables have it; what the product ships, too", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const build = (pk: string): Promise<Answer> => web.call("BuildSchemaFromId", `<pk>${pk}</pk>`, tokens, "xtk:builder");
  assert.match(faultOf(await build("xtk:srcSchema|cus:store"))["detail"] ?? "", /cus:store/);
  await web.call("Write", `<doc>${store}</doc>`, tokens, "xtk:persist|xtk:session");
  for (const pk of ["xtk:srcSchema|cus:store", "cus:store"])
    assert.match((await build(pk)).text, /<schema [^>]*name="store"[\s\S]*<attribute name="code"/, pk);
  assert.match((await build("xtk:schema|nms:recipient")).text, /<schema [^>]*name="recipient"/);
  assert.notDeepEqual(faultOf(await build("xtk:logonGuard")), {});
});

test("the statements that an update would run are shown, over REST as well", async (t) => {
  const rest = await aRest(t);
  const script = async (): Promise<unknown> => {
    const answer = await rest.call("POST", "/builder/build-update-script", { drop: false });
    assert.equal(answer.status, 200, answer.text);
    return answer.json["script"];
  };
  assert.equal(await script(), "");
  await rest.web.call("Write", `<doc>${store}</doc>`, rest.tokens, "xtk:persist|xtk:session");
  assert.match(String(await script()), /^create table cus_store \(\n[\s\S]*;$/);
});

test("only administrators install packages", async (t) => {
  const web = await aWeb(t);
  const tokens = await anOperator(web, "nobody", ["delivery", "workflow", "sql"]);
  assert.match(faultOf(await install(web, tokens, aPackage(options("1"))))["faultstring"] ?? "", /SOP-330110/);
});
