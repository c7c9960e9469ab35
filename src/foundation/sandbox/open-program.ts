/** Runs one program in an engine of its own: QuickJS in WebAssembly, with nothing in it but the language. */

import * as build from "@jitl/quickjs-wasmfile-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from "quickjs-emscripten-core";

import { describeError } from "../errors.ts";
import type { SandboxLimits, ScriptAnswer, ScriptFault, ScriptPlace } from "./sandbox-messages.ts";

/** The part of the platform's WebAssembly that is used; TypeScript knows it only with the types of a browser. */
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
};

export type LoadedProgram = {
  /** Calls the program with one value and answers what it gives back; values go in and out as JSON. */
  call(input: unknown): ScriptAnswer;
};

/** The name under which programs stand in stack traces. */
const fileName = "program";
/** Deeper calls end with an error of the program instead of one of the process. */
const stackBytes = 192 * 1024;
/** Pages of 64 KB; the engine is built for so many at its start. */
const initialPages = 256;
const pagesPerMb = 16;
/** Characters of one answer. */
const longestAnswer = 4_000_000;

/**
 * Compiles a program and evaluates it once: an expression whose value is a function from JSON text to JSON text. The function may note
 * in its property `at` which of its lines it has reached.
 * Programs do not share an engine: one that is stopped takes nothing with it, and its memory goes when it is forgotten.
 * @param watch.onTick called now and then while the program runs, but not within a long call of the language's own functions
 * @param watch.onLine called with each line that the program notes
 */
export async function openProgram(
  source: string,
  limits: SandboxLimits,
  watch: { readonly onTick: () => void; readonly onLine?: (line: number) => void },
): Promise<LoadedProgram | ScriptFault> {
  // The engine's own count of memory leaves out what its blocks hold: the wall is the size that its memory may grow to.
  const wasmMemory = new WebAssembly.Memory({ initial: initialPages, maximum: limits.memoryMb * pagesPerMb });
  const engine = await newQuickJSWASMModuleFromVariant(newVariant(unwrap(build), { wasmMemory }));
  const runtime = engine.newRuntime();
  runtime.setMaxStackSize(stackBytes);
  let deadlineMs = Number.POSITIVE_INFINITY;
  runtime.setInterruptHandler(() => {
    watch.onTick();
    return performance.now() > deadlineMs;
  });
  const context = runtime.newContext();
  /** What stopped it may name no place in it: the line that it has noted last stands behind those that are named. */
  const stopped = (entry: QuickJSHandle, problem: ScriptFault): ScriptFault => {
    const line = context
      .getProp(entry, "at")
      .consume((at) => (context.typeof(at) === "number" ? context.getNumber(at) : 0));
    return line > 0 ? { ...problem, places: [...problem.places, { line, column: 1 }] } : problem;
  };
  const begin = (): void => {
    deadlineMs = limits.timeMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + limits.timeMs;
  };
  begin();
  const loaded = context.evalCode(source, fileName, { type: "global" });
  if (loaded.error !== undefined) {
    const problem = readFault(context, loaded.error, limits);
    return problem.kind === "error" ? { ...problem, kind: "syntax" } : problem;
  }
  const entry = loaded.value;
  if (context.typeof(entry) !== "function") return fault("syntax", "The program is not a function.");
  const { onLine } = watch;
  if (onLine !== undefined)
    context.defineProp(entry, "at", { configurable: true, set: (at) => onLine(context.getNumber(at)) });
  return {
    call: (input) => {
      begin();
      try {
        const argument = context.newString(JSON.stringify(input));
        const result = context.callFunction(entry, context.undefined, argument);
        argument.dispose();
        if (result.error !== undefined) return { fault: stopped(entry, readFault(context, result.error, limits)) };
        return readAnswer(context, result.value);
      } catch (error) {
        // The engine itself broke off, as it does when values are nested too deeply: nothing of it may be used any more.
        return { fault: fault("crash", `The engine broke off: ${describeError(error)}.`) };
      }
    },
  };
}

type Wrapped = QuickJSSyncVariant | { readonly default: Wrapped };

/** The package's module is described as CommonJS and loaded as ESM: its value lies one level deeper in the one than in the other. */
function unwrap(wrapped: Wrapped): QuickJSSyncVariant {
  return "default" in wrapped ? unwrap(wrapped.default) : wrapped;
}

function readAnswer(context: QuickJSContext, handle: QuickJSHandle): ScriptAnswer {
  try {
    if (context.typeof(handle) !== "string") return { fault: fault("error", "The program gave no text back.") };
    const length = context.getProp(handle, "length").consume((value) => context.getNumber(value));
    if (length > longestAnswer)
      return { fault: fault("memory", `It gave ${length} characters; ${longestAnswer} are allowed.`) };
    return { value: JSON.parse(context.getString(handle)) };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: fault("error", "The program gave no JSON back.") };
    throw error;
  } finally {
    handle.dispose();
  }
}

/** Reads what was thrown; getters of it run under the same limit. */
function readFault(context: QuickJSContext, handle: QuickJSHandle, limits: SandboxLimits): ScriptFault {
  const thrown: unknown = context.dump(handle);
  handle.dispose();
  const { name, message, stack } = describeThrown(thrown);
  const places = listPlaces(stack);
  if (name === "InternalError" && message === "interrupted")
    return { ...fault("time", `It ran longer than ${limits.timeMs / 1_000} s.`), places };
  // Where not even the error finds room, null is thrown.
  if (message === "out of memory" || thrown === null)
    return { ...fault("memory", `It needs more than ${limits.memoryMb} MB of memory.`), places };
  return { ...fault("error", message === "" ? name : `${name}: ${message}`), places };
}

function describeThrown(thrown: unknown): { name: string; message: string; stack: string } {
  const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, 500) : "");
  if (typeof thrown !== "object" || thrown === null)
    return { name: "Thrown", message: String(thrown).slice(0, 500), stack: "" };
  const { name, message, stack } = thrown as { name?: unknown; message?: unknown; stack?: unknown };
  return { name: text(name) || "Error", message: text(message), stack: text(stack) };
}

function listPlaces(stack: string): ScriptPlace[] {
  return [...stack.matchAll(new RegExp(`\\b${fileName}:(\\d+)(?::(\\d+))?`, "g"))].map(([, line, column]) => ({
    line: Number(line),
    column: Number(column ?? 1),
  }));
}

function fault(kind: ScriptFault["kind"], message: string): ScriptFault {
  return { kind, message, places: [] };
}
