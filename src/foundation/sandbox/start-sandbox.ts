/** The process that programs run in, as its owner sees it: started, asked one thing at a time, watched, killed when it is silent. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { describeError } from "../errors.ts";
import { programFolder } from "../home.ts";
import type { Log } from "../log.ts";
import type { SandboxLimits, SandboxReply, SandboxRequest, ScriptFault } from "./sandbox-messages.ts";

const startLimitMs = 20_000;

/** The sandbox ended before it answered. */
export type Ended = { readonly ended: ScriptFault };

export type SandboxProcess = {
  readonly pid: number | undefined;
  readonly isAlive: boolean;
  /** Resolves when it takes requests; with a fault when it ended before. */
  readonly ready: Promise<ScriptFault | undefined>;
  /** Keys of the programs that it has. */
  readonly loaded: Set<string>;
  nextId(): number;
  /** Kills the process when it says nothing for so long. */
  ask(request: SandboxRequest, silenceMs: number): Promise<SandboxReply | Ended>;
  end(): Promise<void>;
};

export type SandboxSettings = SandboxLimits & {
  /** Local time of dates in programs, such as `Europe/Paris`. */
  readonly timezone: string;
  readonly log: Log;
};

/** Starts the process; whoever asks it waits for the answer before he asks again. */
export function startSandbox({ timeMs, memoryMb, timezone, log }: SandboxSettings): SandboxProcess {
  const child = spawn(process.execPath, sandboxArguments({ timeMs, memoryMb }), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    cwd: "/",
    env: { TZ: timezone },
  });
  const loaded = new Set<string>();
  const { promise: exited, resolve: noteExit } = Promise.withResolvers<void>();
  let lastId = 0;
  let isAlive = true;
  let isSilent = false;
  let isEnding = false;
  let lastLine = 0;
  let silence: NodeJS.Timeout | undefined;
  let waiting: { readonly resolve: (reply: SandboxReply | Ended) => void; readonly silenceMs: number } | undefined;

  const watch = (limitMs: number): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      isSilent = true;
      child.kill("SIGKILL");
    }, limitMs);
  };
  const finish = (reply: SandboxReply | Ended): void => {
    clearTimeout(silence);
    if (!isEnding) letGo(child);
    const waiter = waiting;
    waiting = undefined;
    waiter?.resolve(reply);
  };
  const wait = (silenceMs: number): Promise<SandboxReply | Ended> =>
    new Promise((resolve) => {
      waiting = { resolve, silenceMs };
      hold(child);
      watch(silenceMs);
    });
  const onEnd = (how: string): void => {
    if (!isAlive) return;
    isAlive = false;
    if (isSilent) log.warning("sandbox.killed", { pid: child.pid, meaning: "a program did not end at its limit" });
    const places = lastLine > 0 ? [{ line: lastLine, column: 1 }] : [];
    const fault: ScriptFault = isSilent
      ? { kind: "time", message: `It did not end at its limit of ${timeMs / 1_000} s.`, places }
      : { kind: "crash", message: `It ended the process that it ran in (${how}).`, places };
    finish({ ended: fault });
    noteExit();
  };
  child.on("message", (raw: unknown) => {
    const reply = parseReply(raw);
    if (reply === undefined) return;
    if (reply.kind === "at") lastLine = reply.line;
    else if (reply.kind === "progress") watch(waiting?.silenceMs ?? startLimitMs);
    else finish(reply);
  });
  child.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`));
  child.once("error", (error) => onEnd(describeError(error)));

  return {
    pid: child.pid,
    get isAlive() {
      return isAlive;
    },
    ready: wait(startLimitMs).then((reply) => ("ended" in reply ? reply.ended : undefined)),
    loaded,
    nextId: () => (lastId += 1),
    ask: (request, silenceMs) => {
      if (!isAlive) return Promise.resolve({ ended: { kind: "crash", message: "The sandbox has ended.", places: [] } });
      const reply = wait(silenceMs);
      child.send(request);
      return reply;
    },
    end: () => {
      if (!isAlive) return exited;
      isEnding = true;
      hold(child);
      child.kill("SIGKILL");
      return exited;
    },
  };
}

/**
 * No file but those that the engine consists of, no other process, no thread, no add-on; the heap of the process itself stays small, and
 * its stack is large enough for the deepest program that the engine allows.
 */
function sandboxArguments({ timeMs, memoryMb }: SandboxLimits): string[] {
  const readable = ["src/foundation", "package.json", "node_modules/@jitl", "node_modules/quickjs-emscripten-core"];
  return [
    "--permission",
    ...readable.map((path) => `--allow-fs-read=${join(programFolder, path)}`),
    "--max-old-space-size=128",
    "--stack-size=3900",
    "--disallow-code-generation-from-strings",
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
    join(programFolder, "src/foundation/sandbox/sandbox-process.ts"),
    String(timeMs),
    String(memoryMb),
  ];
}

/** An idle sandbox does not keep its owner running; one that is to answer does. */
function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

/** Programs are not trusted, and neither is the process that they run in: its words are looked at like those of a stranger. */
function parseReply(raw: unknown): SandboxReply | undefined {
  if (typeof raw !== "object" || raw === null || !("kind" in raw)) return undefined;
  switch (raw.kind) {
    case "ready":
    case "progress":
    case "at":
    case "loaded":
      return raw as SandboxReply;
    case "answered":
      return "answers" in raw && Array.isArray(raw.answers) && raw.answers.every(isAnswer)
        ? (raw as SandboxReply)
        : undefined;
    default:
      return undefined;
  }
}

function isAnswer(raw: unknown): boolean {
  if (typeof raw !== "object" || raw === null) return false;
  if (!("fault" in raw)) return "value" in raw;
  const { fault } = raw;
  return typeof fault === "object" && fault !== null && "places" in fault && Array.isArray(fault.places);
}
