/** What a process and its sandbox say to each other, as JSON over the channel between them. Types only. */

/** What one call of a program may use. */
export type SandboxLimits = {
  /** Longest time of one call, in milliseconds; 0 = no limit. */
  readonly timeMs: number;
  /** Memory of a program with its engine, in MB; at least 16. */
  readonly memoryMb: number;
};

/** A place in a program's source, from 1. */
export type ScriptPlace = { readonly line: number; readonly column: number };

/** Why a program gave no answer. */
export type ScriptFault = {
  /** `error`: it threw. The others: it does not compile, or was stopped at a limit and its state is gone. */
  readonly kind: "error" | "syntax" | "time" | "memory" | "crash";
  readonly message: string;
  /** Where in the program it was, the innermost call first. */
  readonly places: readonly ScriptPlace[];
};

export type ScriptAnswer = { readonly value: unknown } | { readonly fault: ScriptFault };

export type SandboxRequest =
  | {
      readonly id: number;
      readonly kind: "load";
      readonly key: string;
      readonly source: string;
      /** Each line that the program notes is told at once, for the case that nothing more is heard of it. */
      readonly isTraced: boolean;
    }
  | { readonly id: number; readonly kind: "call"; readonly key: string; readonly inputs: readonly unknown[] };

export type SandboxReply =
  /** Ready for requests. */
  | { readonly kind: "ready" }
  /** Still at work: so many calls of the request are done. */
  | { readonly kind: "progress"; readonly done: number }
  | { readonly kind: "at"; readonly line: number }
  | { readonly kind: "loaded"; readonly id: number; readonly fault: ScriptFault | null }
  /** One answer for each input; fewer when the last one is a fault that stopped the program. */
  | { readonly kind: "answered"; readonly id: number; readonly answers: readonly ScriptAnswer[] };

/** True for faults after which the program must not be called again. */
export function isStopped(fault: ScriptFault): boolean {
  return fault.kind !== "error";
}
