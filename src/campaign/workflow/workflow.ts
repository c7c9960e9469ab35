/** A workflow: its definition and the state of its run; the same row is both, as in Classic. */

import type { workflowStates } from "#schemas/codes.ts";

/** Values that travel in a run: names and plain values, stored as JSON. */
export type Variables = Readonly<Record<string, VariableValue>>;
export type VariableValue = string | number | boolean | null;

export type WorkflowStateCode = (typeof workflowStates)[keyof typeof workflowStates];

export type Workflow = {
  readonly id: number;
  readonly internalName: string;
  readonly label: string;
  readonly state: WorkflowStateCode;
  readonly hasFailed: boolean;
  /** As stored; `parseWorkflowDefinition` reads it. */
  readonly definition: unknown;
  /** Shared by all tasks; cleared by a start, kept by a restart. */
  readonly variables: Variables;
  /** Counts the runs; 0 = never started. */
  readonly runNumber: number;
  /** The process that runs it (`context.processId`), while its lease lasts. */
  readonly owner: string | undefined;
  /** Who drew it last: its activities read with his rights; 0 = the server itself. */
  readonly modifiedBy: number;
};

export const workflowCommands = ["start", "pause", "stop", "kill", "restart", "wakeup"] as const;
export type WorkflowCommand = (typeof workflowCommands)[number];

/** An order that waits for a server to apply it. */
export type WorkflowJob = { readonly id: number; readonly workflowId: number } & (
  | {
      readonly command: WorkflowCommand;
      /** Of a start: the variables that the run begins with. */
      readonly variables: Variables;
    }
  | { readonly command: "postEvent"; readonly event: PostedEvent }
);

/** What someone outside of a workflow tells one of its activities. */
export type PostedEvent = {
  readonly activity: string;
  /** Empty = the first that the activity has. */
  readonly transition: string;
  readonly variables: Variables;
  /** The activity's task ends with it: later events are not taken. */
  readonly isComplete: boolean;
};

/** One execution of one activity. */
export type WorkflowTask = {
  readonly id: number;
  readonly activity: string;
  readonly due: Date;
  readonly created: Date;
  readonly attempts: number;
  /** What travelled here with the event that made the task. */
  readonly vars: Variables;
  /** What the activity keeps for itself between attempts. */
  readonly own: Variables;
};

/** A transition that was fired and has not made its task yet. */
export type WorkflowEvent = {
  readonly id: number;
  readonly fromActivity: string;
  readonly transition: string;
  readonly vars: Variables;
};

/** The channel on which servers hear that a workflow has something to do; the payload is its id. */
export const workflowChannel = "postrider_workflow";
