/** `xtk:workflow`: orders to workflows. Each is noted and answered at once; `wfserver` carries it out. */

import type { MethodParameter } from "./schema.ts";
import { defineService } from "./service.ts";

const workflowId = {
  name: "workflowId",
  type: "string",
  direction: "in",
  description: "The workflow's id or internal name",
} as const satisfies MethodParameter;
const variables = {
  name: "parameters",
  type: "DOMElement",
  direction: "in",
  description: 'Variables, as attributes: <variables a="1"/>',
} as const satisfies MethodParameter;
const createdId = { name: "id", type: "long", direction: "out" } as const satisfies MethodParameter;

const order = { isStatic: true, access: { right: "workflow" } } as const;
const inProcess = "Start the workflow and follow its state: wfserver runs workflows in processes of their own.";
const noApprovals = "Activities that wait for an answer follow.";
const noAccounts = "Workflows run with the rights of the platform.";

export const workflowService = defineService({
  name: "xtk:workflow",
  label: "Workflows",
  structures: {},
  methods: [
    { name: "Start", label: "Starts a workflow, or lets a paused one go on", ...order, parameters: [workflowId] },
    {
      name: "StartWithParameters",
      label: "Starts a workflow with variables",
      ...order,
      parameters: [workflowId, variables],
    },
    { name: "Pause", label: "Starts no further task", ...order, parameters: [workflowId] },
    { name: "Stop", label: "Ends the run in an orderly way", ...order, parameters: [workflowId] },
    { name: "Kill", label: "Ends the run whatever its tasks do", ...order, parameters: [workflowId] },
    { name: "Restart", label: "Ends the run and begins a new one", ...order, parameters: [workflowId] },
    { name: "Wakeup", label: "Executes waiting tasks now", ...order, parameters: [workflowId] },
    {
      name: "PostEvent",
      label: "Fires a transition of an activity from outside",
      ...order,
      parameters: [
        workflowId,
        { name: "activity", type: "string", direction: "in" },
        { name: "transition", type: "string", direction: "in", description: "Empty = the activity's first" },
        variables,
        {
          name: "complete",
          type: "boolean",
          direction: "in",
          description: "The activity's task ends with it: later events are not taken",
        },
      ],
    },
    {
      name: "Spawn",
      label: "Makes a workflow of a template and starts it",
      ...order,
      parameters: [workflowId, createdId],
    },
    {
      name: "SpawnWithParameters",
      label: "Makes a workflow of a template and starts it with variables",
      ...order,
      parameters: [workflowId, variables, createdId],
    },
    {
      name: "Execute",
      label: "Runs a workflow within the call",
      ...order,
      parameters: [workflowId],
      notYet: inProcess,
    },
    {
      name: "ExecuteInstance",
      label: "Runs an instance of a template within the call",
      ...order,
      parameters: [workflowId],
      notYet: inProcess,
    },
    {
      name: "SpawnWithParametersEx",
      label: "Makes a workflow of a template, and starts it or not",
      ...order,
      parameters: [workflowId, variables, { name: "start", type: "boolean", direction: "in" }, createdId],
      notYet: "Use SpawnWithParameters, or copy the template with Duplicate and Write.",
    },
    {
      name: "Simulate",
      label: "Runs a workflow without effects",
      ...order,
      parameters: [workflowId],
      notYet: "Runs without effects follow.",
    },
    {
      name: "SimulateWithParameters",
      label: "Runs a workflow with variables, without effects",
      ...order,
      parameters: [workflowId, variables],
      notYet: "Runs without effects follow.",
    },
    {
      name: "RestartTask",
      label: "Runs a task again",
      ...order,
      parameters: [workflowId, { name: "taskId", type: "long", direction: "in" }],
      notYet: "Start the paused workflow: its failed tasks run again.",
    },
    {
      name: "Reply",
      label: "Answers an approval",
      ...order,
      parameters: [workflowId, { name: "answer", type: "DOMElement", direction: "in" }],
      notYet: noApprovals,
    },
    {
      name: "DeleteResult",
      label: "Drops the populations of a workflow",
      ...order,
      parameters: [workflowId],
      notYet: "Stop the workflow: its populations go with the end of the run.",
    },
    {
      name: "Cleanup",
      label: "Purges the history of a workflow",
      ...order,
      parameters: [workflowId],
      notYet: "The technical workflows that purge histories follow.",
    },
    {
      name: "GetLogin",
      label: "The account a workflow runs with",
      ...order,
      parameters: [workflowId, { name: "login", type: "string", direction: "out" }],
      notYet: noAccounts,
    },
    {
      name: "SetLogin",
      label: "Sets the account a workflow runs with",
      ...order,
      parameters: [workflowId, { name: "login", type: "string", direction: "in" }],
      notYet: noAccounts,
    },
  ],
});
