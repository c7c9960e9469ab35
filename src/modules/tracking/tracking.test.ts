/** tracking against a real redirection server and a real database, in this process and in ones that are killed. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { formatHit, type Hit } from "#channels/hits/hit-line.ts";
import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";
import type { LogRecord } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";
import { loadSecrets, type Secrets } from "#foundation/secrets.ts";
import { makeTrackingPath, makeUnsubscribePath } from "#protocols/tracking-link/make-tracking-path.ts";
import { aContext, aHome, someSettings } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import { aSentDelivery } from "#test/support/ledger-store.ts";
import { startModule } from "#test/support/module-process.ts";
import { aRecordedLog } from "#test/support/recorded-log.ts";
import { aSilentServer } from "#test/support/silent-server.ts";
import { until } from "#test/support/until.ts";

import { tracking } from "./main.ts";

type Site = {
  readonly home: Home;
  readonly folder: string;
  readonly port: number;
  readonly db: Database;
  readonly address: DatabaseAddress;
  readonly secrets: Secrets;
  readonly environment: Record<string, string>;
};

/** A data folder, a database, and a redirection server that runs as a process. */
async function aSite(t: TestContext): Promise<Site> {
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const port = await aTcpPort();
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 3 });
  t.after(() => db.close());
  const environment = {
    POSTRIDER_TRACKINGLOGD_PORT: String(port),
    POSTRIDER_SYSLOGD_PORT: "0",
    POSTRIDER_DATABASE_URL: address.url,
    POSTRIDER_TRACKING_POLL_PERIOD_SEC: "1",
  };
  const folder = join(home.var, "main", "redir", "log");
  mkdirSync(folder, { recursive: true });
  const site = { home, folder, port, db, address, secrets: loadSecrets(home), environment };
  await startModule(t, home, ["trackinglogd"], environment).ready;
  return site;
}

async function aTracking(
  t: TestContext,
  site: Site,
  given: { servers?: readonly string[] } = {},
): Promise<{ records: LogRecord[]; stop(): Promise<void> }> {
  const { log, records } = aRecordedLog();
  const servers = JSON.stringify(given.servers ?? []);
  const context: Context = {
    ...(await aContext(t, { db: site.db, home: site.home, log })),
    secrets: site.secrets,
    settings: someSettings(`[trackinglogd]\nport = ${site.port}\nservers = ${servers}\n[tracking]\npollPeriodSec = 1`),
  };
  const running = await tracking.start(context);
  t.after(() => running.stop());
  return { records, stop: () => running.stop() };
}

const aHit = (broadLogId: number, deliveryId: number, urlId = 1_001): Hit => ({
  time: new Date("2026-11-21T10:00:00Z"),
  broadLogId,
  deliveryId,
  urlId,
  urlType: urlId === 1 ? 2 : 1,
  contentType: "h",
  visitorId: "",
  userAgent: "Mozilla/5.0",
  sourceAddress: "192.0.2.7",
});

let names = 0;
/** Writes a file as a redirection server that has ended would have left it. */
function aHitFile(site: Site, content: string | Buffer): string {
  names += 1;
  const name = `${names.toString(16).padStart(12, "0")}-00000000.log`;
  writeFileSync(join(site.folder, name), content);
  return name;
}

const linesOf = (hits: readonly Hit[]): string => hits.map((hit) => `${formatHit(hit)}\n`).join("");

async function clickedMessages(db: Database): Promise<number[]> {
  return db.rows(
    (row) => (row as { broad_log_id: number }).broad_log_id,
  )`select broad_log_id from nms_tracking_log order by broad_log_id`;
}

async function visits(db: Database, expected: readonly number[]): Promise<void> {
  await until(async () => (await clickedMessages(db)).length >= expected.length, `${expected.length} rows`);
  assert.deepEqual(await clickedMessages(db), expected);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

test("a click, an open and an unsubscription on the web become rows, indicators and a deny-listed recipient", async (t) => {
  const site = await aSite(t);
  const [message] = await aSentDelivery(site.db, ["ada@example.org"]);
  assert.ok(message !== undefined);
  const key = site.secrets.deriveKey("links", "main");
  await aTracking(t, site);
  const base = `http://127.0.0.1:${site.port}`;
  await fetch(`${base}${makeTrackingPath(key, { ...message, contentType: "h", urlId: 1, values: [] })}`);
  await fetch(`${base}${makeUnsubscribePath(key, message)}`, { method: "POST", body: "List-Unsubscribe=One-Click" });
  const figures = await until(
    () =>
      site.db.first((row) => row as Record<string, unknown>)`
        select recipient_open, total_recipient_open, opt_out, black_list_email
          from nms_delivery join nms_broad_log using (delivery_id) join nms_recipient using (recipient_id) where opt_out = 1`,
    "the indicators",
  );
  assert.deepEqual(figures, { recipient_open: 1, total_recipient_open: 1, opt_out: 1, black_list_email: true });
});

test("every hit is stored exactly once though tracking is killed again and again", async (t) => {
  const site = await aSite(t);
  await site.db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (7, 'D7', '2026-11-20')`;
  const count = 60_000;
  for (let part = 0; part < 3; part += 1)
    aHitFile(site, linesOf(range(part * (count / 3), (part + 1) * (count / 3)).map((id) => aHit(id, 7))));
  const stored = async (): Promise<number> =>
    (await site.db.first((row) => (row as { n: number }).n)`select count(*) as n from nms_tracking_log`) ?? 0;
  let kills = 0;
  for (let before = 0; before < count; kills += 1) {
    const process = startModule(t, site.home, ["tracking", "-instance:main"], site.environment);
    await process.ready;
    const known = before;
    before = await until(async () => {
      const now = await stored();
      return now > known && now;
    }, "progress");
    await process.end("SIGKILL");
    before = await stored();
  }
  assert.ok(kills > 1, `${kills} kills`);
  const figures = await site.db.first((row) => row as Record<string, number>)`
    select count(*) as rows, count(distinct broad_log_id) as messages, (select recipient_click from nms_delivery where not is_model) as people,
           (select total_recipient_click from nms_delivery where not is_model) as clicks, (select sum(total_clicks) from nms_tracking_stats) as stats
      from nms_tracking_log`;
  assert.deepEqual(figures, { rows: count, messages: count, people: count, clicks: count, stats: count });
});

test("torn, overwritten, shortened, moved and deleted files lose nothing else, and nothing is read twice", async (t) => {
  const site = await aSite(t);
  await site.db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (7, 'D7', '2026-11-20')`;
  const hits = range(1, 101).map((id) => aHit(id, 7));
  const torn = linesOf(hits.slice(0, 10)).slice(0, -20);
  const spoiled = Buffer.concat([
    Buffer.from(linesOf(hits.slice(10, 20))),
    Buffer.alloc(4_096),
    randomBytes(4_096),
    Buffer.from(`\n${linesOf(hits.slice(20, 30))}`),
  ]);
  const [whole, , , moved, deleted] = [
    aHitFile(site, linesOf(hits.slice(30, 60))),
    aHitFile(site, torn),
    aHitFile(site, spoiled),
    aHitFile(site, linesOf(hits.slice(60, 70))),
    aHitFile(site, linesOf(hits.slice(70, 80))),
  ];
  const { records } = await aTracking(t, site);
  const expected = [...range(1, 10), ...range(11, 81)];
  await visits(site.db, expected);
  assert.ok(
    records.some(({ event, fields }) => event === "tracking.hits_stored" && Number(fields["damagedLines"]) > 1),
  );

  truncateSync(join(site.folder, whole ?? ""), 500);
  renameSync(join(site.folder, moved ?? ""), join(site.folder, "moved.old"));
  rmSync(join(site.folder, deleted ?? ""));
  aHitFile(site, linesOf(hits.slice(80)));
  await visits(site.db, [...expected, ...range(81, 101)]);
  await until(
    () => records.some(({ event, fields }) => event === "tracking.file_shortened" && fields["file"] === whole),
    "the warning",
  );
  renameSync(join(site.folder, "moved.old"), join(site.folder, moved ?? ""));
  aHitFile(site, linesOf([aHit(101, 7)]));
  await visits(site.db, [...expected, ...range(81, 102)]);
});

test("a file is cut at every byte of its last line, and what stands before it is read", async (t) => {
  const site = await aSite(t);
  await site.db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (7, 'D7', '2026-11-20')`;
  const last = linesOf([aHit(999, 7)]);
  const expected = range(1, last.length);
  for (const id of expected) aHitFile(site, `${linesOf([aHit(id, 7)])}${last.slice(0, id - 1)}`);
  await aTracking(t, site);
  await visits(site.db, expected);
});

test("a file that is being written is read as far as it goes, again and again", async (t) => {
  const site = await aSite(t);
  await site.db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (7, 'D7', '2026-11-20')`;
  const key = site.secrets.deriveKey("links", "main");
  await aTracking(t, site);
  for (let id = 1; id <= 3; id += 1) {
    await fetch(
      `http://127.0.0.1:${site.port}${makeTrackingPath(key, { contentType: "h", broadLogId: id, deliveryId: 7, urlId: 1, values: [] })}`,
    );
    await visits(site.db, range(1, id + 1));
  }
  const files = readdirSync(site.folder);
  assert.equal(files.length, 1);
  // What another program adds is no hit; the server leaves the file and begins another.
  appendFileSync(join(site.folder, files[0] ?? ""), "garbage");
  await fetch(
    `http://127.0.0.1:${site.port}${makeTrackingPath(key, { contentType: "h", broadLogId: 4, deliveryId: 7, urlId: 1, values: [] })}`,
  );
  await visits(site.db, range(1, 5));
  assert.match(readFileSync(join(site.folder, files[0] ?? ""), "utf8"), /garbage$/);
});

test("a redirection server that is away does not keep the hits of another waiting", async (t) => {
  const site = await aSite(t);
  await site.db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (7, 'D7', '2026-11-20')`;
  aHitFile(site, linesOf([aHit(1, 7)]));
  const away = `http://127.0.0.1:${await aTcpPort()}`;
  const { records } = await aTracking(t, site, { servers: [away, `http://127.0.0.1:${site.port}/`] });
  await visits(site.db, [1]);
  assert.ok(records.some(({ event, fields }) => event === "tracking.server_failed" && fields["server"] === away));
});

test("told to stop while a redirection server keeps silent, tracking breaks off and does not blame it", async (t) => {
  const site = await aSite(t);
  const { port, taken } = await aSilentServer(t);
  const { records, stop } = await aTracking(t, site, { servers: [`http://127.0.0.1:${port}`] });
  await taken;
  await stop();
  assert.ok(!records.some(({ event }) => event === "tracking.server_failed"));
});

test("tracking can be called once: it stores what there is and ends, with 1 when a server did not answer", async (t) => {
  const site = await aSite(t);
  await site.db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (7, 'D7', '2026-11-20')`;
  aHitFile(site, linesOf([aHit(1, 7), aHit(2, 7)]));
  const once = startModule(t, site.home, ["tracking", "-instance:main", "-once"], site.environment);
  assert.equal((await once.ended).code, 0);
  assert.deepEqual(await clickedMessages(site.db), [1, 2]);
  const lost = { ...site.environment, POSTRIDER_TRACKINGLOGD_PORT: String(await aTcpPort()) };
  assert.equal((await startModule(t, site.home, ["tracking", "-instance:main", "-once"], lost).ended).code, 1);
});
