/** Tells an activity of a workflow that something has happened outside of it. */

import { requireEntity } from "#campaign/entities/require-entity.ts";
import { readVariables } from "#campaign/entities/variables-document.ts";
import { postEvent } from "#campaign/workflow/post-event.ts";
import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";

/** @throws entityUnknown, entityProtected, documentRefused, eventNotAddressed */
export const postWorkflowEvent = defineMethod(
  workflowService,
  "PostEvent",
  async (call, workflowId, activity, transition, variables, isComplete) => {
    const context = await call.dataContext();
    const event = { activity, transition, variables: readVariables(variables), isComplete };
    const workflow = await requireEntity(context, "xtk:workflow", workflowId);
    await postEvent(context.db, { ...event, workflow, requestedBy: context.viewer.operatorId });
    return [];
  },
);
