import assert from "node:assert/strict";
import { test } from "node:test";

import { type Database, openDatabase } from "#foundation/database.ts";
import { aDatabase, aDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aPlainRole, cutConnections, fillDisk, limitConnections, setReadOnly } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { type Answer, aWeb, type RunningWeb, type Tokens } from "#test/support/web.ts";

type Road = { readonly name: string; ask(): Promise<Answer>; readonly away: RegExp; readonly well: RegExp };

/** One request on each road, and how its answer begins while the database is away and while it is there. */
function roadsOf(web: RunningWeb, tokens: Tokens): readonly Road[] {
  const { session, security } = tokens;
  const headers = { "x-session-token": session, "x-security-token": security };
  const cookie = { cookie: `__sessiontoken=${session}` };
  const form = { login: "nobody", password: adminPassword };
  const logon = "<login>nobody</login><password>x</password><parameters/>";
  return [
    {
      name: "SOAP",
      ask: () => web.call("TestCnx", "", tokens),
      away: /^200 .*WEB-100003/s,
      well: /^200 .*TestCnxResp/s,
    },
    { name: "Logon", ask: () => web.call("Logon", logon), away: /^200 .*WEB-100003/s, well: /^4(03|29) XSV-3501?00?/ },
    { name: "page", ask: () => web.get("/deliveries", cookie), away: /^503 /, well: /^200 / },
    { name: "form", ask: () => web.post("/nl/jsp/logon.jsp", form), away: /^503 /, well: /^4(03|29) / },
    { name: "ping", ask: () => web.get("/nl/jsp/ping.jsp", headers), away: /^503 WEB-100003/, well: /^200 OK/ },
    { name: "REST list", ask: () => web.get("/api/v1/deliveries", headers), away: /^503 .*WEB-100003/s, well: /^200 / },
    { name: "REST token", ask: () => web.get("/api/v1/deliveries", bearer), away: /^503 .*WEB-100003/s, well: /^401 / },
    { name: "/ready", ask: () => web.get("/ready"), away: /^503 /, well: /^200 / },
    { name: "/health", ask: () => web.get("/health"), away: /^200 /, well: /^200 / },
    { name: "the form itself", ask: () => web.get("/nl/jsp/logon.jsp"), away: /^200 /, well: /^200 / },
    { name: "GetServerTime", ask: () => web.call("GetServerTime"), away: /^200 .*Response/s, well: /^200 .*Response/s },
  ];
}

const bearer = { authorization: `Bearer pr_${"A".repeat(32)}` };

type Fault = { begin(): void | Promise<void>; end(): void | Promise<void> };
type Victim = { readonly db: Database; readonly fault: Fault };

async function aFaltering(t: Ending, way: "fallSilent" | "refuse"): Promise<Victim> {
  const faltering = await aFalteringDatabase(t, await aDatabaseAddress(t));
  return { db: faltering.db, fault: { begin: () => faltering[way](), end: () => faltering.comeBack() } };
}

/** F13: PostgreSQL has no connection left for the web module. */
async function aCrowded(t: Ending): Promise<Victim> {
  const address = await aDatabaseAddress(t);
  const admin = openDatabase({ address, applicationName: "test", maxConnections: 1 });
  t.after(() => admin.close());
  const role = await aPlainRole(t, address);
  const db = openDatabase({ address: role.address, applicationName: "web", maxConnections: 3 });
  t.after(() => db.close());
  const begin = async (): Promise<void> => {
    await limitConnections(admin, 0);
    await cutConnections(admin);
  };
  return { db, fault: { begin, end: () => limitConnections(admin, -1) } };
}

for (const [name, aVictim] of [
  ["is silent", (t: Ending) => aFaltering(t, "fallSilent")],
  ["refuses", (t: Ending) => aFaltering(t, "refuse")],
  ["has no connection left", aCrowded],
] as const) {
  test(`with a database that ${name} every road says so within 2 s, and works again by itself`, async (hooks) => {
    const t = inReverse(hooks);
    const { db, fault } = await aVictim(t);
    const web = await aWeb(t, { db, settings: "authentication.freeLogonFailures = 1000" });
    const roads = roadsOf(web, await web.logOn());
    await fault.begin();
    // One after the other: silent statements keep their connections, and the last must not wait for the first.
    for (const { name: road, ask, away } of roads) {
      const start = performance.now();
      const { status, text } = await ask();
      assert.match(`${status} ${text}`, away, road);
      assert.ok(performance.now() - start < 2_000, `${road} took ${Math.round(performance.now() - start)} ms`);
      assert.doesNotMatch(text, /127\.0\.0\.1|postgres|\n\s+at |select /i, road);
    }
    await fault.end();
    for (const { name: road, ask, well } of roads)
      await until(async () => {
        const { status, text } = await ask();
        return well.test(`${status} ${text}`);
      }, `${road} to work again`);
  });
}

for (const [name, begin] of [
  [
    "is read-only",
    async (db: Database) => {
      await setReadOnly(db, true);
      return () => setReadOnly(db, false);
    },
  ],
  ["has a full disk", (db: Database) => fillDisk(db, "xtk_session_info")],
] as const) {
  test(`F16: who wants to change a database that ${name} is told so, on each road, and can once it is mended`, async (t) => {
    const db = await aDatabase(t);
    const web = await aWeb(t, { db });
    const logOn = {
      form: () => web.post("/nl/jsp/logon.jsp", { login: "admin", password: adminPassword }),
      soap: () =>
        web.call(
          "Logon",
          `<login>admin</login><password>${adminPassword}</password><parameters/>`,
          undefined,
          "xtk:session",
        ),
    };
    const end = await begin(db);
    const soap = await logOn.soap();
    assert.match(soap.text, /WEB-100013/);
    const page = await logOn.form();
    assert.equal(page.status, 503);
    assert.match(page.text, /The database takes no changes/);
    for (const { text } of [soap, page]) assert.doesNotMatch(text, /xtk_session_info|insert into|No space left/i);
    assert.equal((await web.get("/health")).status, 200);
    await end();
    await until(async () => (await logOn.form()).status === 303, "a logon");
  });
}
