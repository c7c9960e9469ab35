/** A process's own sandbox: another process in which programs of authors run within limits. It is started when it is first needed. */

import { sandboxNotStarted } from "./errors.ts";
import { isStopped, type ScriptAnswer, type ScriptFault } from "./sandbox-messages.ts";
import { type Ended, type SandboxProcess, type SandboxSettings, startSandbox } from "./start-sandbox.ts";

/** A program: an expression whose value is a function from JSON text to JSON text. Its key names it among the programs in use. */
export type Program = { readonly key: string; readonly source: string };

export type Sandbox = {
  /** Compiles a program; undefined when nothing is wrong with it. */
  check(program: Program): Promise<ScriptFault | undefined>;
  /**
   * Calls a program once for each input, in order.
   * @returns an answer for each input; fewer when the last one is a fault that stopped the program
   */
  call(program: Program, inputs: readonly unknown[]): Promise<readonly ScriptAnswer[]>;
  /** Process id of the sandbox while there is one. */
  readonly pid: number | undefined;
  /** Ends the process; requests under way answer with a fault. */
  close(): Promise<void>;
};

/** Long enough for a machine that is busy. */
const usualGraceMs = 3_000;

type Options = SandboxSettings & {
  /** How much later than its own limit a silent sandbox is killed, in milliseconds: it stops programs itself, this is the net below it. */
  readonly graceMs?: number;
};

/** Opens a sandbox; no process is started before the first program. */
export function openSandbox(options: Options): Sandbox {
  const { timeMs, log, graceMs = usualGraceMs } = options;
  let process: SandboxProcess | undefined;
  let isClosed = false;
  /** One request at a time: the deadline is that of the request under way. */
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const ensureProcess = async (): Promise<SandboxProcess> => {
    if (process?.isAlive === true) return process;
    process = startSandbox(options);
    const { pid } = process;
    const ready = await process.ready;
    if (ready !== undefined) throw sandboxNotStarted({ problem: ready.message });
    log.info("sandbox.started", { pid });
    return process;
  };

  const load = async (program: Program, isTraced: boolean): Promise<ScriptFault | Ended | undefined> => {
    const current = await ensureProcess();
    if (!isTraced && current.loaded.has(program.key)) return undefined;
    const answer = await current.ask({ id: current.nextId(), kind: "load", ...program, isTraced }, timeMs + graceMs);
    if ("ended" in answer) return answer;
    if (answer.kind !== "loaded") return outOfTurn;
    if (answer.fault === null) current.loaded.add(program.key);
    return answer.fault ?? undefined;
  };

  const call = async (program: Program, inputs: readonly unknown[], isTraced: boolean): Promise<Answers | Ended> => {
    const problem = await load(program, isTraced);
    if (problem !== undefined) return "ended" in problem ? problem : [{ fault: problem }];
    const current = await ensureProcess();
    const reply = await current.ask({ id: current.nextId(), kind: "call", key: program.key, inputs }, timeMs + graceMs);
    if ("ended" in reply) return reply;
    if (reply.kind !== "answered") return outOfTurn;
    if (reply.answers.some((answer) => "fault" in answer && isStopped(answer.fault)))
      current.loaded.delete(program.key);
    return reply.answers;
  };

  /**
   * A sandbox may end for other reasons, as when the system is short of memory or stands still: only what ends it twice is the program's
   * fault. The second time it says where it is.
   */
  const twice = async <T>(work: (isTraced: boolean) => Promise<T | Ended>): Promise<T | Ended> => {
    const first = await work(false);
    return isEnded(first) && !isClosed ? await work(true) : first;
  };

  return {
    get pid() {
      return process?.isAlive === true ? process.pid : undefined;
    },
    check: (program) =>
      inTurn(async () => {
        const problem = await twice((isTraced) => load(program, isTraced));
        return isEnded(problem) ? problem.ended : problem;
      }),
    call: (program, inputs) =>
      inTurn(async () => {
        const answers = await twice((isTraced) => call(program, inputs, isTraced));
        return isEnded(answers) ? [{ fault: answers.ended }] : answers;
      }),
    close: async () => {
      isClosed = true;
      await process?.end();
    },
  };
}

type Answers = readonly ScriptAnswer[];

function isEnded(result: unknown): result is Ended {
  return typeof result === "object" && result !== null && "ended" in result;
}

const outOfTurn: Ended = { ended: { kind: "crash", message: "The sandbox answered out of turn.", places: [] } };
