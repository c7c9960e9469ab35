/**
 * How fast is a click answered, its signature checked and its hit in the log, beside a bare node:http server that answers 302?
 * Both are processes of their own; this process is the client, 64 kept connections. Bars: 75 % of the bare server, p99 under 50 ms.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { pushDelivery } from "#channels/hits/hits.ts";
import { locateHome, prepareHome, programFolder } from "#foundation/home.ts";
import { commonSections } from "#foundation/common-settings.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { resolveSettings } from "#foundation/settings.ts";
import { makeTrackingPath } from "#protocols/tracking-link/make-tracking-path.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";

import { atLeast, atMost, median, report } from "../support/report.ts";

const rounds = 5;
const secondsPerRound = 3;
const connections = 64;
const paths = 5_000;

const bareServer = `
  require("node:http").createServer((request, response) => {
    response.writeHead(302, { location: "https://shop.example/plain", "content-length": 0 });
    response.end();
  }).listen(Number(process.argv[1]), "127.0.0.1", () => process.send("ready"));
`;

type Round = { readonly perSecond: number; readonly p99Ms: number; readonly cpuMicros: number };

const root = makeFolder();
const home = locateHome({ POSTRIDER_HOME: root });
const children: ChildProcess[] = [];

async function startBare(port: number): Promise<number> {
  const child = spawn(process.execPath, ["-e", bareServer, String(port)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  children.push(child);
  await once(child, "message");
  return child.pid ?? 0;
}

async function startOurs(port: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), "trackinglogd", "-detach"],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: {
        ...process.env,
        POSTRIDER_HOME: root,
        POSTRIDER_TRACKINGLOGD_PORT: String(port),
        POSTRIDER_SYSLOGD_PORT: "0",
      },
    },
  );
  children.push(child);
  await new Promise<void>((resolve) =>
    child.on("message", (message: { kind?: string }) => message.kind === "ready" && resolve()),
  );
  return child.pid ?? 0;
}

/** Processor time of a process in microseconds: less troubled by other programs than requests per second are. */
function readCpuMicros(pid: number): number {
  const [user = 0, system = 0] =
    readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
  return (user + system) * 10_000;
}

/** Each connection asks again as soon as it was answered. */
async function load({ port, pid }: { port: number; pid: number }, requests: readonly Buffer[]): Promise<Round> {
  const cpuBefore = readCpuMicros(pid);
  const latencies: number[] = [];
  const end = performance.now() + secondsPerRound * 1_000;
  let next = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1").setNoDelay(true);
      let askedMs = 0;
      let seen = "";
      const ask = (): void => {
        askedMs = performance.now();
        socket.write(requests[next % requests.length] ?? "");
        next += 1;
      };
      socket.on("connect", ask);
      socket.on("error", reject);
      socket.on("close", () => resolve());
      socket.on("data", (bytes) => {
        seen += bytes.toString("latin1");
        if (!seen.endsWith("\r\n\r\n")) return;
        if (!seen.startsWith("HTTP/1.1 302")) return void socket.destroy(new Error(seen.slice(0, 80)));
        seen = "";
        const now = performance.now();
        latencies.push(now - askedMs);
        if (now < end) ask();
        else socket.destroy();
      });
    });
  await Promise.all(Array.from({ length: connections }, one));
  latencies.sort((a, b) => a - b);
  const cpuMicros = (readCpuMicros(pid) - cpuBefore) / latencies.length;
  return {
    cpuMicros,
    perSecond: latencies.length / secondsPerRound,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

try {
  prepareHome(home);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const secrets = loadSecrets(home);
  const key = secrets.deriveKey("links", "main");
  const [barePort, ourPort] = [await aTcpPort(), await aTcpPort()];
  const bareServed = { port: barePort, pid: await startBare(barePort) };
  const ourServed = { port: ourPort, pid: await startOurs(ourPort) };
  const urls = [{ id: 1_003, type: 1, url: "https://shop.example/plain" }];
  const environment = { POSTRIDER_TRACKINGLOGD_PORT: String(ourPort) };
  const { settings } = resolveSettings({ sources: [], sections: commonSections, environment, secrets });
  await pushDelivery({ settings, secrets, instance: "main" }, { deliveryId: 7, urls, validUntil: null });
  const agent =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
  const requests = Array.from({ length: paths }, (_, index) => {
    const path = makeTrackingPath(key, {
      contentType: "h",
      broadLogId: 10_000 + index,
      deliveryId: 7,
      urlId: 1_003,
      values: [],
    });
    return Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: news.example.org\r\nUser-Agent: ${agent}\r\nAccept: text/html\r\n\r\n`,
    );
  });
  await load(bareServed, requests);
  await load(ourServed, requests);
  const pairs: { bare: Round; ours: Round }[] = [];
  for (let round = 0; round < rounds; round += 1)
    pairs.push({ bare: await load(bareServed, requests), ours: await load(ourServed, requests) });
  const ratio = median(pairs.map(({ bare, ours }) => ours.perSecond / bare.perSecond));
  const p99Ms = median(pairs.map(({ ours }) => ours.p99Ms));
  report(
    "redirect",
    {
      "bare node:http, requests/s": Math.round(median(pairs.map(({ bare }) => bare.perSecond))),
      "trackinglogd, requests/s": Math.round(median(pairs.map(({ ours }) => ours.perSecond))),
      "bare node:http, CPU us a request": Number(median(pairs.map(({ bare }) => bare.cpuMicros)).toFixed(1)),
      "trackinglogd, CPU us a request": Number(median(pairs.map(({ ours }) => ours.cpuMicros)).toFixed(1)),
      "trackinglogd, p99 ms": Number(p99Ms.toFixed(1)),
    },
    [
      atLeast("share of the bare server, median of pairs", Number(ratio.toFixed(2)), 0.75),
      atMost("p99 in ms", Number(p99Ms.toFixed(1)), 50),
    ],
  );
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
}
