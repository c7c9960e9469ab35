/** The variables of a run, as an expression names them: `$(vars/@x)`, `$(instance/vars/@x)`, `$(task/vars/@x)`. */

import type { ParameterValue } from "#datamodel/expression/typed.ts";
import type { Variables } from "#campaign/workflow/workflow.ts";

/** All variables that an activity may name; null ones have no value. */
export function queryParameters({
  task,
  workflow,
}: {
  readonly task: { readonly vars: Variables; readonly own: Variables };
  readonly workflow: { readonly variables: Variables };
}): Record<string, ParameterValue> {
  return {
    ...named("vars/@", task.vars),
    ...named("task/vars/@", task.own),
    ...named("instance/vars/@", workflow.variables),
  };
}

function named(prefix: string, variables: Variables): Record<string, ParameterValue> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === null ? [] : [[`${prefix}${name}`, value]])),
  );
}
