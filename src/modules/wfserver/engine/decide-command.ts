/** What a command means for a workflow in a state: the rules alone. */

import type { WorkflowCommand, WorkflowStateCode } from "#campaign/workflow/workflow.ts";
import { workflowStates } from "#schemas/codes.ts";

export type CommandDecision =
  /** Begin a run, with the variables cleared or kept. */
  | { readonly kind: "begin"; readonly variables: "cleared" | "kept" }
  /** Go on where it paused; failed activities run again. */
  | { readonly kind: "resume" }
  /** Bring it into a state: at once, or through one that its runner answers to. */
  | { readonly kind: "enter"; readonly state: WorkflowStateCode }
  | { readonly kind: "end" }
  /** End it without asking its runner. */
  | { readonly kind: "cutOff" }
  | { readonly kind: "wake" }
  /** Put an event to the activity it is for. */
  | { readonly kind: "take" }
  /** Decide again when what is under way has ended. */
  | { readonly kind: "later" }
  | { readonly kind: "ignore"; readonly reason: string };

const { edited, starting, started, pausing, paused, resuming, stopping, restarting, finished } = workflowStates;

/**
 * Decides what a command does.
 * @param isOwned whether a process runs the workflow right now
 */
export function decideCommand(command: WorkflowCommand, state: WorkflowStateCode, isOwned: boolean): CommandDecision {
  switch (command) {
    case "start":
      return decideStart(state);
    case "pause":
      if (state !== started)
        return {
          kind: "ignore",
          reason: state === pausing || state === paused ? "it is paused already" : "it is not started",
        };
      return { kind: "enter", state: isOwned ? pausing : paused };
    case "stop":
      if (!isLive(state)) return { kind: "ignore", reason: "it is not started" };
      if (state === stopping) return { kind: "ignore", reason: "it is stopping already" };
      return isOwned ? { kind: "enter", state: stopping } : { kind: "end" };
    case "kill":
      return isLive(state) ? { kind: "cutOff" } : { kind: "ignore", reason: "it is not started" };
    case "restart":
      if (!isLive(state)) return { kind: "begin", variables: "kept" };
      return { kind: "enter", state: restarting };
    case "wakeup":
      return state === started ? { kind: "wake" } : { kind: "ignore", reason: "it is not started" };
  }
}

/** Decides what becomes of an event from outside: one for a paused workflow waits in it. */
export function decideEvent(state: WorkflowStateCode): CommandDecision {
  switch (state) {
    case started:
    case pausing:
    case paused:
    case resuming:
      return { kind: "take" };
    case starting:
    case restarting:
      return { kind: "later" };
    case edited:
    case stopping:
    case finished:
      return { kind: "ignore", reason: "it is not started" };
  }
}

function decideStart(state: WorkflowStateCode): CommandDecision {
  switch (state) {
    case edited:
    case starting:
    case finished:
      return { kind: "begin", variables: "cleared" };
    case paused:
      return { kind: "resume" };
    case pausing:
      return { kind: "enter", state: started };
    case stopping:
      return { kind: "later" };
    case started:
    case resuming:
    case restarting:
      return { kind: "ignore", reason: "it is started already" };
  }
}

function isLive(state: WorkflowStateCode): boolean {
  return state !== edited && state !== finished;
}
