/** Writing `xtk:workflow`: the diagram is checked, and stays as it is while it runs. */

import { workflowNameInvalid } from "#campaign/workflow/errors.ts";
import { type FieldValue, plainText } from "#datamodel/write/field-value.ts";
import type { DeletedRow, RuleRow, WriteRule } from "#datamodel/write/write-context.ts";
import { nameOfCode, workflowStates } from "#schemas/codes.ts";

import { workflowBusy } from "./errors.ts";
import { giveInternalName } from "./internal-name-rule.ts";
import { checkWorkflowDocument } from "./workflow-document.ts";

type State = keyof typeof workflowStates;

/** A diagram may be changed while nobody follows it. */
const atRest: readonly State[] = ["edited", "paused", "finished"];
const over: readonly State[] = ["edited", "finished"];

export const workflowRule: WriteRule = {
  needs: ["state", "internalName", "label", "activities"],
  complete: (rows) => rows.forEach(check),
  deleting: (rows) => rows.forEach(refuseRunning),
};

function check(row: RuleRow): void {
  giveInternalName(row, "internalName", "WKF");
  const name = plainText(row.value("internalName"));
  if (row.isChanged("internalName") && !/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name))
    throw workflowNameInvalid({ workflow: name });
  if (row.isNew && row.value("label") === "") row.set("label", name);
  if (!row.isChanged("activities")) return;
  // Compared as it is stored: clients send back what they read with members left out or in another order.
  row.set("activities", { json: checkWorkflowDocument(name, documentOf(row.value("activities"))) });
  const state = stateOf(row.before("state"));
  if (!row.isNew && row.isChanged("activities") && !atRest.includes(state))
    throw workflowBusy({ workflow: name, wish: "changed", state });
}

function refuseRunning(row: DeletedRow): void {
  const state = stateOf(row.before("state"));
  if (!over.includes(state))
    throw workflowBusy({ workflow: plainText(row.before("internalName")), wish: "deleted", state });
}

function documentOf(value: FieldValue | undefined): unknown {
  return typeof value === "object" && value !== null && "json" in value ? value.json : undefined;
}

function stateOf(value: FieldValue | undefined): State {
  return nameOfCode(workflowStates, Number(value ?? 0)) ?? "started";
}
