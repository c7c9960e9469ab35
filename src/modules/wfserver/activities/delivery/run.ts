/** Makes a delivery for the population that arrives, and has it prepared or sent. */

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { preparingStates } from "#campaign/delivery/preparing-states.ts";
import { requestPreparation } from "#campaign/delivery/request-preparation.ts";
import { requestSend } from "#campaign/delivery/request-send.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { deliveryGone, populationMissing, preparationRefused } from "../../errors.ts";
import type { ActivityCall, Outcome, SettingsOf } from "../activity.ts";
import type { deliveryDefinition } from "./definition.ts";
import { readProgress } from "./delivery-store.ts";

type Call = ActivityCall<SettingsOf<typeof deliveryDefinition>>;

/**
 * Makes the delivery once, however often the task is begun: its internal name, `wf<workflow>-<task>`, is kept by the
 * task before the delivery exists. Until the delivery is prepared the task stays open, since the preparation reads the
 * work table. Fires `result` with `deliveryId`.
 * @throws populationMissing, preparationRefused, errors of the delivery's own
 */
export async function runDelivery(call: Call): Promise<Outcome> {
  const { task, settings } = call;
  const table = task.vars["tableName"];
  if (typeof table !== "string") throw populationMissing({ activity: call.node.name });
  if (task.vars["recCount"] === 0) {
    await call.journal("warning", "Nobody is in the population: no delivery is made.");
    return { kind: "done", fired: [{ transition: "result" }] };
  }
  const { deliveryId, name } = await makeDelivery(call, table);
  const done: Outcome = { kind: "done", fired: [{ transition: "result", vars: { deliveryId } }] };
  if (settings.action === "save") return done;
  const state = await advance(call, deliveryId, name);
  return isPreparing(state) ? { kind: "postponed", delayMs: pollMs(call) } : done;
}

/** A delivery without content cannot be made. */
export function checkDelivery({ html, text }: SettingsOf<typeof deliveryDefinition>): readonly string[] {
  return html.trim() === "" && text.trim() === ""
    ? ["'html' and 'text' are both empty: the delivery has no content"]
    : [];
}

async function makeDelivery(call: Call, workTable: string): Promise<{ deliveryId: number; name: string }> {
  const { task, settings, node, context } = call;
  const kept = task.own["deliveryName"];
  const name = typeof kept === "string" ? kept : `wf${call.workflow.id}-${task.id}`;
  if (kept !== name) await call.remember({ deliveryName: name });
  const { deliveryId } = await createDelivery(context.db, {
    internalName: name,
    label: settings.label || node.label || node.name,
    subject: settings.subject,
    fromAddress: settings.fromAddress,
    fromName: settings.fromName,
    replyToAddress: settings.replyToAddress,
    htmlSource: settings.html || undefined,
    textSource: settings.text || undefined,
    target: { workTable },
    createdBy: call.viewer.operatorId,
  });
  if (task.own["deliveryId"] !== deliveryId) {
    await call.remember({ deliveryId });
    await call.journal("info", `The delivery '${name}' was made.`);
  }
  return { deliveryId, name };
}

/** Asks for the next thing that is still to be asked for; the delivery's own state says what that is. */
async function advance(
  { context: { db }, workflow, settings, remember, task }: Call,
  deliveryId: number,
  name: string,
): Promise<DeliveryState> {
  const progress = await readProgress(db, deliveryId);
  if (progress === undefined) throw deliveryGone({ delivery: name });
  if (progress.state === "preparationFailed") {
    // What is corrected in the activity shall count when the workflow goes on: the next attempt makes another delivery.
    const refusals = Number(task.own["refusals"] ?? 0) + 1;
    await remember({ refusals, deliveryName: `wf${workflow.id}-${task.id}-${refusals + 1}` });
    throw preparationRefused({ delivery: name, reason: progress.failureText ?? "see its journal." });
  }
  if (progress.state === "edited")
    return settings.action === "prepare" ? requestPreparation(db, deliveryId) : requestSend(db, deliveryId);
  if (progress.state === "ready" && settings.action === "prepareAndStart") return requestSend(db, deliveryId);
  return progress.state;
}

/** `edited`: a state that was read before the request moved it. */
function isPreparing(state: DeliveryState): boolean {
  return state === "edited" || preparingStates.some((preparing) => preparing === state);
}

/** A preparation takes seconds as a rule; one that takes long is looked at now and then. */
function pollMs({ task, context }: Call): number {
  return context.clock.now().getTime() - task.created.getTime() < 60_000 ? 1_000 : 10_000;
}
