/** Processes of the bench besides the platform: the sink, and the clients that it is compared with. */

import { type ChildProcess, fork } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";

import { sendBare } from "./bare-client.ts";
import { sendByNodemailer } from "./pooled-nodemailer.ts";
import { readCpuSec } from "./process-tree.ts";
import { serveSink, type SinkCounts, type SinkOptions } from "./sink.ts";

export type ClientJob = { readonly port: number; readonly messages: number; readonly pem?: string };
export type ClientResult = { readonly seconds: number; readonly cpuSec: number; readonly memoryMb: number };
export type Sink = {
  readonly port: number;
  counts(): Promise<SinkCounts>;
  /** What it has used so far: it must not be the limit. */
  readCpuSec(): number;
  stop(): void;
};

const script = join(import.meta.dirname, "run.ts");

/** Plays the part that the command line names; false when it names none. */
export async function playRole(words: readonly string[]): Promise<boolean> {
  const [role, text = "{}"] = words;
  if (role === "sink") serveSink(JSON.parse(text) as SinkOptions);
  else if (role === "bare" || role === "nodemailer") await runClient(role, JSON.parse(text) as ClientJob);
  else return false;
  return true;
}

async function runClient(role: "bare" | "nodemailer", { port, messages, pem }: ClientJob): Promise<void> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  if (role === "nodemailer") await sendByNodemailer({ port, messages, pem });
  else await sendBare({ port, messages, privateKey: pem === undefined ? undefined : createPrivateKey(pem) });
  const used = process.cpuUsage(before);
  const result: ClientResult = {
    seconds: (performance.now() - startedMs) / 1_000,
    cpuSec: (used.user + used.system) / 1e6,
    memoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
  process.send?.(result, () => process.exit(0));
}

/** Starts a sink of its own for each measurement. */
export async function startSink(options: SinkOptions): Promise<Sink> {
  const child = start("sink", options);
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return {
    port,
    counts: async () => {
      child.send({});
      const [{ counts }] = (await once(child, "message")) as [{ counts: SinkCounts }];
      return counts;
    },
    readCpuSec: () => readCpuSec(child.pid ?? 0),
    stop: () => void child.kill("SIGKILL"),
  };
}

/** Runs a client to its end. */
export async function measureClient(role: "bare" | "nodemailer", job: ClientJob): Promise<ClientResult> {
  const [result] = (await once(start(role, job), "message")) as [ClientResult];
  return result;
}

function start(role: string, argument: object): ChildProcess {
  return fork(script, [role, JSON.stringify(argument)], { execArgv: ["--disable-warning=ExperimentalWarning"] });
}
