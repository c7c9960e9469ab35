/**
 * What do SOAP and REST add to the SQL itself, with a million recipients? A page of 200 rows, a count with two conditions,
 * and a collection of 10,000 recipients written; each beside the bare SQL of the same run, taken in turns.
 * Bars: page p50 within 5 ms of the SQL, count within 10 %, 5,000 rows/s written.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Agent, request as sendRequest } from "node:http";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensureFirstOperators } from "#campaign/access/ensure-first-operators.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { locateHome, prepareHome, programFolder } from "#foundation/home.ts";
import { startCluster, templateName } from "#test/support/cluster.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";

import { atLeast, atMost, median, report } from "../support/report.ts";
import { countByOrigin, countFrenchWomen, makeRecipients, readPage } from "./audience-store.ts";

const recipients = 1_000_000;
const pages = 300;
const counts = 40;
const written = 10_000;
const password = "a long password of the bench";

const root = makeFolder();
const cluster = await startCluster();
const address = cluster.address(templateName);
const db = openDatabase({ address, applicationName: "bench", maxConnections: 2 });
const agent = new Agent({ keepAlive: true });
let child: ChildProcess | undefined;

type Client = { readonly port: number; readonly session: string; readonly security: string };

function ask(port: number, path: string, headers: Record<string, string>, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const request = sendRequest({ port, host: "127.0.0.1", path, method, headers, agent }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        if (response.statusCode === 200 && !text.includes(":Fault")) resolve(text);
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

function soap({ port, session, security }: Client, service: string, method: string, content: string): Promise<string> {
  const body = `<SOAP-ENV:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>
<m:${method} xmlns:m="urn:${service}"><sessiontoken>${session}</sessiontoken>${content}</m:${method}></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  const headers = { "content-type": "text/xml", "x-security-token": security };
  return ask(port, "/nl/jsp/soaprouter.jsp", headers, body);
}

async function logOn(port: number): Promise<Client> {
  const answer = await soap(
    { port, session: "", security: "" },
    "xtk:session",
    "Logon",
    `<l>admin</l><p>${password}</p><x/>`,
  );
  const token = (name: string): string => new RegExp(`<${name}[^>]*>([^<]*)<`).exec(answer)?.[1] ?? "";
  return { port, session: token("pstrSessionToken"), security: token("pstrSecurityToken") };
}

const fields = [
  "@id",
  "@email",
  "@firstName",
  "@lastName",
  "@gender",
  "@language",
  "[location/@city]",
  "[location/@countryCode]",
  "@birthDate",
  "@created",
];

function queryDef(operation: string, where: string, rest = ""): string {
  const select = fields.map((expr) => `<node expr="${expr}"/>`).join("");
  return `<document><queryDef xtkschema="xtk:queryDef" schema="nms:recipient" operation="${operation}" lineCount="200">
<select>${operation === "count" ? "" : select}</select><where>${where}</where>${rest}</queryDef></document>`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** Takes each way in turns, so that other programs trouble all of them alike. @returns medians in ms */
async function compare(
  rounds: number,
  ways: Record<string, (round: number) => Promise<unknown>>,
): Promise<Record<string, number>> {
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = -5; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const ms = await timed(() => way(round));
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, Number(median(values).toFixed(2))]));
}

/** Processor time of web in ms: less troubled by other programs than waits are. */
function readCpuMs(): number {
  const words =
    readFileSync(`/proc/${child?.pid ?? 0}/stat`, "utf8")
      .split(") ")[1]
      ?.split(" ") ?? [];
  return (Number(words[11]) + Number(words[12])) * 10;
}

async function cpuOf(way: (round: number) => Promise<unknown>): Promise<number> {
  const before = readCpuMs();
  for (let round = 0; round < pages; round += 1) await way(round);
  return Number(((readCpuMs() - before) / pages).toFixed(2));
}

function collection(origin: string, operation: string): string {
  const items = Array.from(
    { length: written },
    (_, n) =>
      `<recipient _operation="${operation}" _key="@email" email="new${n}@bench.example" firstName="N${n}" lastName="Written" gender="${n % 3}" origin="${origin}"><location city="City ${n % 100}"/></recipient>`,
  );
  return `<doc><recipient-collection xtkschema="nms:recipient">${items.join("")}</recipient-collection></doc>`;
}

async function startWeb(db: Database): Promise<Client> {
  const home = locateHome({ POSTRIDER_HOME: root });
  prepareHome(home);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  await ensureFirstOperators(db, { POSTRIDER_ADMIN_PASSWORD: password });
  const ports = await freePorts();
  child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), "web", "-detach"],
    {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, ...ports, POSTRIDER_HOME: root, POSTRIDER_DATABASE_URL: address.url },
    },
  );
  const starting = child;
  await new Promise<void>((resolve, reject) => {
    starting.on("message", (message: { kind?: string }) => message.kind === "ready" && resolve());
    starting.on("exit", (code) => reject(new Error(`web ended with ${code}`)));
  });
  return logOn(Number(ports["POSTRIDER_WEB_PORT"]));
}

try {
  const client = await startWeb(db);
  await makeRecipients(db, recipients);
  const headers = {
    "x-session-token": client.session,
    "x-security-token": client.security,
    accept: "application/json",
  };
  const from = (round: number): number => 1_001 + ((Math.abs(round) * 3_001) % (recipients - 300));
  const restFields = "id,email,firstName,lastName,gender,language,location/city,location/countryCode,birthDate,created";

  const bySoap = (round: number): Promise<string> =>
    soap(
      client,
      "xtk:queryDef",
      "ExecuteQuery",
      queryDef("select", `<condition expr="@id &gt;= ${from(round)}"/>`, `<orderBy><node expr="@id"/></orderBy>`),
    );
  const byRest = (round: number): Promise<string> => {
    const filter = encodeURIComponent(`@id >= ${from(round)}`);
    return ask(client.port, `/api/v1/recipients?filter=${filter}&fields=${restFields}&sort=id&limit=200`, headers);
  };
  const page = await compare(pages, { sql: (round) => readPage(db, from(round)), soap: bySoap, rest: byRest });
  const cpu = { soap: await cpuOf(bySoap), rest: await cpuOf(byRest) };
  const count = await compare(counts, {
    sql: () => countFrenchWomen(db),
    soap: () =>
      soap(
        client,
        "xtk:queryDef",
        "ExecuteQuery",
        queryDef("count", `<condition expr="@gender = 2"/><condition expr="@language = 'fr'"/>`),
      ),
  });
  const rate = (ms: number): number => Math.round(written / (ms / 1_000));
  const inserted = rate(
    await timed(() => soap(client, "xtk:session", "WriteCollection", collection("inserted", "insert"))),
  );
  const updated = rate(
    await timed(() => soap(client, "xtk:session", "WriteCollection", collection("updated", "insertOrUpdate"))),
  );
  const stored = await countByOrigin(db, "updated");

  const overSql = (ms: number | undefined): number => Number(((ms ?? Number.NaN) - (page["sql"] ?? 0)).toFixed(2));
  report(
    "web",
    {
      "page of 200, SQL, ms": page["sql"] ?? 0,
      "page of 200, SOAP, ms": page["soap"] ?? 0,
      "page of 200, REST, ms": page["rest"] ?? 0,
      "page by SOAP, web's CPU ms": cpu.soap,
      "page by REST, web's CPU ms": cpu.rest,
      "count, SQL, ms": count["sql"] ?? 0,
      "count, SOAP, ms": count["soap"] ?? 0,
      "inserted in one collection, rows/s": inserted,
      "updated in one collection, rows/s": updated,
    },
    [
      atMost("SOAP page over its SQL, ms", overSql(page["soap"]), 5),
      atMost("REST page over its SQL, ms", overSql(page["rest"]), 5),
      atMost("count over its SQL, ratio", Number(((count["soap"] ?? 0) / (count["sql"] ?? 1)).toFixed(3)), 1.1),
      atLeast("rows/s inserted", inserted, 5_000),
      atLeast("rows/s updated", updated, 5_000),
      atLeast("rows as written", stored, written),
    ],
  );
} finally {
  child?.kill("SIGKILL");
  agent.destroy();
  await db.close();
  await cluster.stop();
  rmSync(root, { recursive: true, force: true });
}
