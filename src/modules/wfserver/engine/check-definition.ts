/** Finds what is wrong with a workflow before it starts: unknown activities and settings that they refuse. */

import { parseWorkflowDefinition } from "#campaign/workflow/parse-workflow-definition.ts";
import type { WorkflowDefinition } from "#campaign/workflow/workflow-definition.ts";
import type { Workflow } from "#campaign/workflow/workflow.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { findActivityType } from "../activities/index.ts";
import { activityUnknown, settingsInvalid } from "../errors.ts";

export type DefinitionCheck = { readonly definition: WorkflowDefinition } | { readonly faults: readonly string[] };

/** Reads a stored definition; the faults are sentences for the journal. */
export function checkDefinition(
  workflow: Pick<Workflow, "internalName" | "definition">,
  schemas: SchemaSet,
): DefinitionCheck {
  try {
    const definition = parseWorkflowDefinition(workflow.internalName, workflow.definition);
    const faults = definition.activities.flatMap((node) => {
      const type = findActivityType(node.type);
      if (type === undefined) return [describeError(activityUnknown({ activity: node.name, type: node.type }))];
      const wrong = type.check(node, schemas);
      return wrong.length === 0 ? [] : [describeError(settingsInvalid({ activity: node.name, faults: wrong }))];
    });
    return faults.length > 0 ? { faults } : { definition };
  } catch (error) {
    if (!isPostriderError(error)) throw error;
    return { faults: [describeError(error)] };
  }
}
