import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { instanceFolder } from "#foundation/home.ts";
import { textOf } from "#protocols/soap/xml-element.ts";
import { aWeb, faultOf, outputsOf } from "#test/support/web.ts";

test("a file that was uploaded has an address, as the SDK asks for it", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const md5 = createHash("md5").update("picture").digest("hex");
  const fileRes = `<fileRes xtkschema="xtk:fileRes" internalName="RES1" md5="${md5}" label="a b.png" fileName="a b.png" originalName="a b.png" useMd5AsFilename="1" storageType="5"/>`;
  assert.deepEqual(faultOf(await web.call("Write", `<doc>${fileRes}</doc>`, tokens, "xtk:persist|xtk:session")), {});
  const on = (method: string) => web.call(method, `<document>${fileRes}</document>`, tokens, "xtk:fileRes");
  assert.match(faultOf(await on("PublishIfNeeded"))["detail"] ?? "", /SOP-330115/);
  const file = join(instanceFolder(web.context.home, "main", "upload"), `${md5}.png`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "picture");
  assert.deepEqual(faultOf(await on("PublishIfNeeded")), {});
  const address = new URL(textOf(outputsOf(await on("GetURL"))[0] ?? assert.fail("no address")));
  assert.equal(address.searchParams.get("md5"), md5);
  const headers = { "x-session-token": tokens.session, "x-security-token": tokens.security };
  assert.equal((await web.get(`${address.pathname}${address.search}`, headers)).text, "picture");
});
