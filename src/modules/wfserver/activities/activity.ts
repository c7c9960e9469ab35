/** What an activity is: a definition as data, and an operation that runs it. */

import type { Statements } from "#foundation/database.ts";
import type { Context } from "#foundation/module.ts";
import type { ActivityNode } from "#campaign/workflow/workflow-definition.ts";
import type { Viewer } from "#datamodel/viewer.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";
import type { Variables, WorkflowTask } from "#campaign/workflow/workflow.ts";

/** A setting of an activity, as the console draws it in a form. */
export type Field = FieldBase &
  (
    | { readonly kind: "text" | "memo" }
    /** An expression over a schema, such as `@email IS NOT NULL`. */
    | { readonly kind: "expression"; readonly schema: string }
    | { readonly kind: "flag"; readonly default: boolean }
    | { readonly kind: "number"; readonly default: number; readonly min: number; readonly max: number }
    | {
        readonly kind: "choice";
        readonly choices: readonly { readonly value: string; readonly label: string }[];
        readonly default: string;
      }
  );

type FieldBase = { readonly label: string; readonly description?: string; readonly isRequired?: true };

export type ActivityDefinition = {
  readonly type: string;
  readonly label: string;
  readonly description: string;
  readonly family: "flow" | "targeting" | "action";
  /** `none`: begins a branch. */
  readonly inbound: "none" | "any";
  /** `any`: the operator names the outbound transitions; else exactly these. */
  readonly outbound: "any" | readonly { readonly name: string; readonly label: string }[];
  readonly fields: Readonly<Record<string, Field>>;
};

/** The values of an activity's settings, by its fields. */
export type SettingsOf<D extends ActivityDefinition> = { readonly [K in keyof D["fields"]]: ValueOf<D["fields"][K]> };

type ValueOf<F extends Field> = F extends { kind: "flag" }
  ? boolean
  : F extends { kind: "number" }
    ? number
    : F extends { kind: "choice"; choices: readonly { value: infer C }[] }
      ? C
      : string;

export type ActivityCall<S> = {
  readonly context: Pick<Context, "db" | "log" | "settings" | "instance" | "clock">;
  readonly workflow: {
    readonly id: number;
    readonly internalName: string;
    readonly runNumber: number;
    readonly variables: Variables;
  };
  readonly node: ActivityNode;
  readonly task: WorkflowTask;
  /** Those of the instance: conditions may name what its operators have added. */
  readonly schemas: SchemaSet;
  /** Whose rights the activity reads with: those of who drew the workflow last. */
  readonly viewer: Viewer;
  readonly settings: S;
  /** Keeps values for the next attempt of this task; they are stored when the promise resolves. */
  remember(own: Variables): Promise<void>;
  /** Writes a line to the workflow's journal. */
  journal(level: "info" | "warning" | "error", message: string): Promise<void>;
};

/** A transition to fire; one that the diagram does not have is left out. */
export type Fired = {
  readonly transition: string;
  readonly vars?: Variables;
  /** Fills the population of the transition, within the transaction that fires it: whole or absent. */
  readonly population?: { readonly schema: string; readonly fill: (tx: Statements, table: string) => Promise<void> };
};

export type Outcome =
  | { readonly kind: "done"; readonly fired: readonly Fired[]; readonly cancelsOtherTasks?: boolean }
  /** Come back later; the process need not wait for it. */
  | { readonly kind: "postponed"; readonly delayMs: number };

export type Activity = {
  readonly definition: ActivityDefinition;
  /** What is wrong with the settings of a node; empty when nothing is. */
  readonly check: (node: ActivityNode, schemas: SchemaSet) => readonly string[];
  readonly run: (call: ActivityCall<unknown>) => Promise<Outcome>;
};
