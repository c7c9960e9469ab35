/**
 * How long does tracking take to bring a million hits into the database, from files over HTTP to rows, sums and indicators?
 * Bar: 12 s (docs/decisions, speed), counters exact.
 */

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";

import { formatHit } from "#channels/hits/hit-line.ts";
import { openDatabase } from "#foundation/database.ts";
import { locateHome, prepareHome, programFolder } from "#foundation/home.ts";
import { startCluster, templateName } from "#test/support/cluster.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";

import { atLeast, atMost, report } from "../support/report.ts";
import { countTracked, makeLedger } from "./ledger-store.ts";

const hits = 1_000_000;
const messages = 400_000;
const hitsPerFile = 100_000;

const root = makeFolder();
const cluster = await startCluster();
const children: ReturnType<typeof spawn>[] = [];
const address = cluster.address(templateName);
const db = openDatabase({ address, applicationName: "bench", maxConnections: 2 });

async function writeFiles(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let from = 0, file = 1; from < hits; from += hitsPerFile, file += 1) {
    const stream = createWriteStream(join(folder, `${file.toString(16).padStart(12, "0")}-00000000.log`));
    for (let n = from; n < from + hitsPerFile; n += 1) {
      // Two opens in five, spread over the messages; clicks on ten links.
      const isOpen = n % 5 < 2;
      const line = formatHit({
        time: new Date(Date.UTC(2026, 10, 21, 8) + n * 20),
        broadLogId: 1_000 + ((n * 7_919) % messages),
        deliveryId: 5_000 + (n % 2),
        urlId: isOpen ? 1 : 1_001 + (n % 10),
        urlType: isOpen ? 2 : 1,
        contentType: "h",
        visitorId: "4e2b0f9c-6f0d-4a53-9c86-0f4b1c9f2a11",
        userAgent:
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        sourceAddress: `192.0.2.${n % 256}`,
      });
      if (!stream.write(`${line}\n`)) await once(stream, "drain");
    }
    stream.end();
    await once(stream, "finish");
  }
}

function run(words: readonly string[], environment: Record<string, string>): ReturnType<typeof spawn> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), ...words, "-detach"],
    {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, ...environment },
    },
  );
  children.push(child);
  return child;
}

try {
  const home = locateHome({ POSTRIDER_HOME: root });
  prepareHome(home);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  await writeFiles(join(home.var, "main", "redir", "log"));
  await makeLedger(db, { messages, firstId: 1_000, deliveryIds: [5_000, 5_001] });
  const environment = { ...(await freePorts()), POSTRIDER_HOME: root, POSTRIDER_DATABASE_URL: address.url };
  await once(run(["trackinglogd"], environment), "message");
  const startedMs = performance.now();
  const tracking = run(["tracking", "-instance:main", "-once"], environment);
  const [code] = (await once(tracking, "exit")) as [number];
  const seconds = (performance.now() - startedMs) / 1_000;
  const counted = await countTracked(db);
  const isExact =
    code === 0 &&
    counted.rows + counted.repeated === hits &&
    counted.readers === counted.distinctReaders &&
    counted.clicks === counted.clickRows;
  report(
    "consolidate",
    { hits, seconds: Number(seconds.toFixed(2)), "hits/s": Math.round(hits / seconds), ...counted },
    [
      atMost("seconds for a million hits, process start included", Number(seconds.toFixed(2)), 12),
      atLeast("counters exact", isExact ? 1 : 0, 1),
    ],
  );
} finally {
  for (const child of children) child.kill("SIGKILL");
  await db.close();
  await cluster.stop();
  rmSync(root, { recursive: true, force: true });
}
