/** Postfix as a relay, with opendkim on a socket of its own where messages are signed. Both run from a folder of the bench's own. */

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { aTcpPort } from "#test/support/free-ports.ts";
import { makeFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { endWithBench } from "../../support/end-with-bench.ts";
import { hasGreeted, type StartPeer } from "./peer.ts";

const postfixProgram = "/usr/sbin/postfix";
const opendkimProgram = "/usr/sbin/opendkim";

/** Starts Postfix; undefined unless it is installed (with opendkim, where a key is given) and this is root. */
export const startPostfix: StartPeer = async ({ sinkPort, pem }) => {
  const isThere = existsSync(postfixProgram) && (pem === undefined || existsSync(opendkimProgram));
  if (!isThere || process.getuid?.() !== 0) return undefined;
  const port = await aTcpPort();
  const root = makeFolder();
  chmodSync(root, 0o755);
  const signer = pem === undefined ? undefined : await startSigner(root, pem);
  const folders = writeSettings(root, { port, sinkPort, milter: signer?.socket });
  const stop = (): void => {
    forget();
    execFileSync(postfixProgram, ["-c", folders.config, "stop"], { stdio: "ignore" });
    signer?.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  execFileSync(postfixProgram, ["-c", folders.config, "start"], { stdio: "ignore" });
  const forget = endWithBench(stop);
  await until(() => hasGreeted(port), "Postfix");
  const pid = Number(readFileSync(join(folders.queue, "pid/master.pid"), "utf8"));
  return { port, pids: signer === undefined ? [pid] : [pid, signer.pid], stop };
};

function writeSettings(
  root: string,
  given: { readonly port: number; readonly sinkPort: number; readonly milter: string | undefined },
): { readonly config: string; readonly queue: string } {
  const config = join(root, "config");
  const queue = join(root, "queue");
  const data = join(root, "data");
  for (const folder of [config, queue, data]) mkdirSync(folder);
  const { uid, gid } = idsOf("postfix");
  chownSync(data, uid, gid);
  const settings = [
    "compatibility_level = 3.6",
    `queue_directory = ${queue}`,
    `data_directory = ${data}`,
    "myhostname = relay.sender.example",
    "mydestination =",
    "local_recipient_maps =",
    "mynetworks = 127.0.0.0/8",
    "inet_interfaces = 127.0.0.1",
    "inet_protocols = ipv4",
    `relayhost = [127.0.0.1]:${given.sinkPort}`,
    "default_destination_concurrency_limit = 20",
    "smtp_tls_security_level = none",
    "maillog_file =",
    "alias_maps =",
    "message_size_limit = 50000000",
    ...(given.milter === undefined
      ? []
      : [`smtpd_milters = unix:${given.milter}`, "milter_default_action = tempfail", "milter_protocol = 6"]),
  ];
  writeFileSync(join(config, "main.cf"), `${settings.join("\n")}\n`);
  writeFileSync(join(config, "master.cf"), services(given.port));
  return { config, queue };
}

/** The services that relaying takes: name, type, private, unprivileged, chroot, wakeup, most processes, command. */
function services(port: number): string {
  return [
    `127.0.0.1:${port} inet n - n - 40 smtpd`,
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "verify unix - - n - 1 verify",
    "flush unix n - n 1000? 0 flush",
    "proxymap unix - - n - - proxymap",
    "smtp unix - - n - 40 smtp",
    "relay unix - - n - 40 smtp",
    "showq unix n - n - - showq",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "discard unix - - n - - discard",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
    "",
  ].join("\n");
}

async function startSigner(root: string, pem: string): Promise<{ socket: string; pid: number; stop: () => void }> {
  const keyFile = join(root, "dkim.pem");
  writeFileSync(keyFile, pem, { mode: 0o600 });
  const socket = join(root, "opendkim.sock");
  const settingsFile = join(root, "opendkim.conf");
  const settings = [
    "Background no",
    "Mode s",
    "Domain sender.example",
    "Selector bench",
    `KeyFile ${keyFile}`,
    `Socket local:${socket}`,
    "Canonicalization relaxed/relaxed",
    "RequireSafeKeys no",
    // Everything that this machine hands over is signed.
    "InternalHosts 127.0.0.1",
  ];
  writeFileSync(settingsFile, `${settings.join("\n")}\n`);
  const signer = spawn(opendkimProgram, ["-f", "-x", settingsFile], { stdio: "ignore" });
  const stop = (): void => {
    forget();
    signer.kill("SIGKILL");
  };
  const forget = endWithBench(stop);
  await until(() => existsSync(socket), "opendkim");
  chmodSync(socket, 0o777);
  return { socket, pid: signer.pid ?? 0, stop };
}

/** Numbers of a user and of its group, as the system's list of users says. */
function idsOf(user: string): { readonly uid: number; readonly gid: number } {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}
