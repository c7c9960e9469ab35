/**
 * The process that programs of authors run in: no environment, no file but those of the engine, no child, no network of their own, and
 * no rights of root. It is a process of its own so that it can be killed at any moment.
 */

import { forgetOldest } from "../forget-oldest.ts";
import { type LoadedProgram, openProgram } from "./open-program.ts";
import type { SandboxLimits, SandboxReply, SandboxRequest, ScriptAnswer } from "./sandbox-messages.ts";
import { isStopped } from "./sandbox-messages.ts";

/** Programs kept ready; each has an engine with memory of its own. */
const mostPrograms = 4;
/** Pauses in which a request is told to go on, and the end of the other side is noticed. */
const breathMs = 200;
const nobody = 65_534;

const limits: SandboxLimits = { timeMs: Number(process.argv[2] ?? 0), memoryMb: Number(process.argv[3] ?? 128) };
const programs = new Map<string, LoadedProgram>();
const parent = process.ppid;
let lookAgainMs = 0;

/** Ends with the process that started it, even within an endless loop. */
function endWithParent(): void {
  const nowMs = performance.now();
  if (nowMs < lookAgainMs) return;
  lookAgainMs = nowMs + breathMs;
  if (process.ppid !== parent) process.exit(0);
}

function reply(message: SandboxReply): void {
  process.send?.(message);
}

async function load({ id, key, source, isTraced }: Extract<SandboxRequest, { kind: "load" }>): Promise<void> {
  const onLine = (line: number): void => reply({ kind: "at", line });
  const opened = await openProgram(source, limits, { onTick: endWithParent, ...(isTraced ? { onLine } : {}) });
  const isLoaded = "call" in opened;
  programs.delete(key);
  if (isLoaded) programs.set(key, opened);
  forgetOldest(programs, mostPrograms);
  reply({ kind: "loaded", id, fault: isLoaded ? null : opened });
}

async function call({ id, key, inputs }: Extract<SandboxRequest, { kind: "call" }>): Promise<void> {
  const program = programs.get(key);
  const answers: ScriptAnswer[] = [];
  let breathAtMs = performance.now() + breathMs;
  for (const input of program === undefined ? [] : inputs) {
    const answer = program?.call(input);
    if (answer === undefined) break;
    answers.push(answer);
    if ("fault" in answer && isStopped(answer.fault)) {
      programs.delete(key);
      break;
    }
    if (performance.now() < breathAtMs) continue;
    reply({ kind: "progress", done: answers.length });
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    breathAtMs = performance.now() + breathMs;
  }
  reply({ kind: "answered", id, answers });
}

/** Requests are served one after the other. */
let serving: Promise<void> = Promise.resolve();

process.on("message", (request: SandboxRequest) => {
  serving = serving.then(() => (request.kind === "load" ? load(request) : call(request)));
});
process.on("disconnect", () => process.exit(0));
// The channel's end says when to stop; a terminal's Ctrl-C reaches every process of its group.
process.on("SIGINT", () => undefined);

// A first program brings every file of the engine in, before the right to read them may be lost.
await openProgram("() => '0'", limits, { onTick: endWithParent });
if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}
reply({ kind: "ready" });
