import assert from "node:assert/strict";
import { test } from "node:test";

import sdk from "@adobe/acc-js-sdk";

import { aPlatform } from "#test/support/platform.ts";
import { inReverse } from "#test/support/endings.ts";

const password = "a long enough first password";

test("the Classic SDK logs on, asks for the time, and logs off", { timeout: 120_000 }, async (hooks) => {
  const platform = await aPlatform(inReverse(hooks));
  const client = await sdk.init(sdk.ConnectionParameters.ofUserAndPassword(platform.webUrl, "admin", password, {}));
  await client.logon();
  assert.equal(client.getSessionInfo().userInfo.login, "admin");
  const time: unknown = await client.NLWS.xtkSession.getServerTime();
  assert.ok(time instanceof Date && Math.abs(time.getTime() - Date.now()) < 60_000);
  await client.logoff();
});

test("the Classic SDK is told about a wrong password with the code it knows", { timeout: 120_000 }, async (hooks) => {
  const platform = await aPlatform(inReverse(hooks));
  const client = await sdk.init(
    sdk.ConnectionParameters.ofUserAndPassword(platform.webUrl, "admin", "a wrong password", {}),
  );
  await assert.rejects(
    client.logon(),
    (error: { statusCode?: number; message: string }) => error.statusCode === 403 && /XSV-350012/.test(error.message),
  );
});

test("an expired token gives the Classic SDK the answer that makes it log on again", {
  timeout: 120_000,
}, async (hooks) => {
  const platform = await aPlatform(inReverse(hooks));
  const client = await sdk.init(sdk.ConnectionParameters.ofUserAndPassword(platform.webUrl, "admin", password, {}));
  await client.logon();
  const session: unknown = await client.NLWS.xtkSession.getServerTime();
  assert.ok(session instanceof Date);
  const stale = await sdk.init(sdk.ConnectionParameters.ofSecurityToken(platform.webUrl, "@not-a-token", {}));
  await stale.logon();
  await assert.rejects(
    stale.NLWS.xtkSession.getUserInfo(),
    (error: { statusCode?: number }) => error.statusCode === 401,
  );
});
