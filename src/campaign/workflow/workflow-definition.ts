/** The diagram of a workflow: activities and the transitions between them. Stored as JSON in `xtk_workflow.definition`. */

export type Transition = {
  readonly name: string;
  /** The activity it leads to; undefined = it leads nowhere yet, and the run pauses there. */
  readonly target: string | undefined;
  readonly label?: string;
  /** Drawn, but not followed. */
  readonly isDisabled?: true;
};

export type ActivityNode = {
  /** Which kind of activity: a folder of modules/wfserver/activities. */
  readonly type: string;
  /** Unique within the workflow. */
  readonly name: string;
  readonly label: string;
  /** Read by the activity, by its own definition. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly transitions: readonly Transition[];
  /** Where and how the diagram shows it (`x`, `y`, `img`, `mask`, `desc`); means nothing to a run. */
  readonly layout?: Readonly<Record<string, string>>;
};

/** What a layout may hold. */
export const layoutNames = ["x", "y", "img", "mask", "desc"] as const;

export type WorkflowDefinition = { readonly activities: readonly ActivityNode[] };

/** The activities that a start activates: those that no transition leads to. */
export function firstActivities(definition: WorkflowDefinition): readonly ActivityNode[] {
  const reached = new Set(definition.activities.flatMap(({ transitions }) => transitions.map(({ target }) => target)));
  return definition.activities.filter(({ name }) => !reached.has(name));
}

/** An activity by its name. */
export function findActivity(definition: WorkflowDefinition, name: string): ActivityNode | undefined {
  return definition.activities.find((activity) => activity.name === name);
}
