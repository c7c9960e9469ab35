/** Haraka as a relay, with its DKIM plugin where messages are signed; `install.sh` brings it. */

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { aTcpPort } from "#test/support/free-ports.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { endWithBench } from "../../support/end-with-bench.ts";
import { hasGreeted, type StartPeer } from "./peer.ts";

const installed = join(import.meta.dirname, "node_modules/Haraka");
const program = join(installed, "bin/haraka");

/** Takes every message, and sends all of them to one host. */
const relayPlugin = `
exports.register = function () {};
exports.hook_connect = function (next, connection) { connection.relaying = true; next(); };
exports.hook_mail = (next) => next(OK);
exports.hook_rcpt = (next) => next(OK);
exports.hook_get_mx = (next) => next(OK, { exchange: "127.0.0.1", port: Number(process.env.SINK_PORT), priority: 0 });
`;

/** Starts Haraka in one process; undefined unless it is installed. */
export const startHaraka: StartPeer = async ({ sinkPort, pem }) => {
  if (!existsSync(program)) return undefined;
  const root = makeFolder();
  const port = await aTcpPort();
  writeSettings(root, port, pem);
  const child = spawn(process.execPath, [program, "-c", root], {
    stdio: "ignore",
    env: { PATH: process.env["PATH"], SINK_PORT: String(sinkPort) },
  });
  const stop = (): void => {
    forget();
    child.kill("SIGKILL");
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  const forget = endWithBench(stop);
  await until(() => hasGreeted(port), "Haraka");
  return { port, pids: [child.pid ?? 0], stop };
};

function writeSettings(root: string, port: number, pem: string | undefined): void {
  const config = join(root, "config");
  cpSync(join(installed, "config"), config, { recursive: true });
  for (const folder of ["plugins", "queue", "config/dkim/sender.example"])
    mkdirSync(join(root, folder), { recursive: true });
  const files: Record<string, string> = {
    "smtp.ini": `listen=127.0.0.1:${port}\nnodes=0\n`,
    plugins: pem === undefined ? "relay\n" : "relay\ndkim\n",
    me: "relay.sender.example",
    "outbound.ini": "local_mx_ok=true\nenable_tls=false\nconcurrency_max=100\n",
    "log.ini": "[main]\nlevel=error\n",
    loglevel: "ERROR",
    queue_dir: join(root, "queue"),
    "dkim.ini": [
      "[sign]",
      "enabled=true",
      "selector=bench",
      "domain=sender.example",
      "headers=From,To,Subject,Date,Message-ID",
      "[canon]",
      "body=relaxed",
      "[verify]",
      "enabled=false",
      "",
    ].join("\n"),
    ...(pem === undefined ? {} : { "dkim/sender.example/private": pem, "dkim/sender.example/selector": "bench" }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(config, name), text);
  writeFileSync(join(root, "plugins/relay.js"), relayPlugin);
}
