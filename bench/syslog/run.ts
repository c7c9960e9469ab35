/**
 * Does syslogd, as a process, lose lines? 5,000 a second for 10 s must all be in the file (a bar); 50,000 a second for 10 s shows where it
 * stands, and what is lost then must be counted.
 */

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { encodeLogDatagram } from "#channels/logs/log-datagram.ts";
import { locateHome, prepareHome, programFolder } from "#foundation/home.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";

import { atLeast, atMost, report } from "../support/report.ts";

const seconds = 10;
const root = makeFolder();
const home = locateHome({ POSTRIDER_HOME: root });
prepareHome(home);
const port = await aUdpPort();
const daemon = spawn(
  process.execPath,
  ["--disable-warning=ExperimentalWarning", join(programFolder, "src/cli/main.ts"), "syslogd", "-detach"],
  {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      ...process.env,
      POSTRIDER_HOME: root,
      POSTRIDER_SYSLOGD_PORT: String(port),
      POSTRIDER_SYSLOGD_MAX_FILE_SIZE_MB: "2000",
    },
  },
);
await new Promise<void>((resolve) =>
  daemon.on("message", (message: { kind?: string }) => message.kind === "ready" && resolve()),
);

/** Sends lines of 200 bytes at an even rate; answers how many. */
async function flood(module: string, perSecond: number): Promise<number> {
  const socket = createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  const sender = { module, instance: "default", host: "bench", pid: process.pid, threadId: 0, traceFile: undefined };
  const startedMs = performance.now();
  let sent = 0;
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startedMs) / 1_000) {
    const due = Math.floor(elapsed * perSecond);
    for (; sent < due; sent += 1) {
      const record = {
        time: new Date(),
        level: "info",
        type: "log",
        event: "bench.line",
        fields: { n: sent, text: "0123456789".repeat(15) },
      } as const;
      const datagram = encodeLogDatagram(record, sender, sent + 1);
      await new Promise<void>((resolve) => socket.send(datagram, () => resolve()));
    }
    await sleep(1);
  }
  socket.close();
  return sent;
}

/** Lines in the file once no more come. */
async function countLines(module: string): Promise<number> {
  let before = -1;
  for (;;) {
    const text = readdirSync(join(home.var, "default", "log")).includes(`${module}.log`)
      ? readFileSync(join(home.var, "default", "log", `${module}.log`), "latin1")
      : "";
    const lines = text.split("\n").length - 1;
    if (lines === before) return lines;
    before = lines;
    await sleep(1_200);
  }
}

function readStatus(name: string): number {
  return Number(
    new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${daemon.pid}/status`, "utf8"))?.[1] ?? 0,
  );
}

function readCpuSeconds(): number {
  const [user = 0, system = 0] =
    readFileSync(`/proc/${daemon.pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
  return (user + system) / 100;
}

try {
  const cpuBefore = readCpuSeconds();
  const steady = await flood("steady", 5_000);
  const cpuSteady = readCpuSeconds() - cpuBefore;
  const steadyLost = steady - (await countLines("steady"));
  const flooded = await flood("flooded", 50_000);
  const floodLost = flooded - (await countLines("flooded"));
  const told = readFileSync(join(home.var, "default", "log", "syslogd.log"), "utf8");
  const counted = [...told.matchAll(/syslogd\.lines_missing missingLines=\d+ droppedByKernel=(\d+)/g)].reduce(
    (sum, [, drops]) => sum + Number(drops),
    0,
  );
  report(
    "syslog",
    {
      "lines at 5,000/s": steady,
      "CPU s of syslogd in 10 s": Number(cpuSteady.toFixed(2)),
      "lines at 50,000/s": flooded,
      "lost of these": floodLost,
      "of which syslogd reported": counted,
      "peak memory, MB": Math.round(readStatus("VmHWM") / 1_024),
    },
    [atMost("lines lost at 5,000/s", steadyLost, 0), atLeast("losses of the flood reported", counted, floodLost)],
  );
} finally {
  daemon.kill("SIGTERM");
  rmSync(root, { recursive: true, force: true });
}
