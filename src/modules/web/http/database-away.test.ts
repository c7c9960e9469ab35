import assert from "node:assert/strict";
import { test } from "node:test";

import { aDatabaseAddress } from "#test/support/database.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
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

for (const way of ["fallSilent", "refuse"] as const) {
  test(`with a database that ${way === "refuse" ? "refuses" : "is silent"} every road says so within 2 s, and works again by itself`, async (t) => {
    const faltering = await aFalteringDatabase(t, await aDatabaseAddress(t));
    const web = await aWeb(t, { db: faltering.db, settings: "authentication.freeLogonFailures = 1000" });
    const roads = roadsOf(web, await web.logOn());
    faltering[way]();
    // One after the other: silent statements keep their connections, and the last must not wait for the first.
    for (const { name, ask, away } of roads) {
      const start = performance.now();
      const { status, text } = await ask();
      assert.match(`${status} ${text}`, away, name);
      assert.ok(performance.now() - start < 2_000, `${name} took ${Math.round(performance.now() - start)} ms`);
      assert.doesNotMatch(text, /127\.0\.0\.1|postgres|\n\s+at |select /i, name);
    }
    faltering.comeBack();
    for (const { name, ask, well } of roads)
      await until(async () => {
        const { status, text } = await ask();
        return well.test(`${status} ${text}`);
      }, `${name} to work again`);
  });
}
