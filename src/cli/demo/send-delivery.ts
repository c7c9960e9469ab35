/** Step: a stored workflow finds the recipients and sends them the sample message. */

import { createWorkflow } from "#campaign/workflow/create-workflow.ts";
import { requestCommand } from "#campaign/workflow/request-command.ts";
import { broadLogStatuses, deliveryStates, nameOfCode } from "#schemas/codes.ts";

import {
  countInboundMails,
  countInbox,
  countLedger,
  countOwedNotices,
  type DeliveryRow,
  findDelivery,
} from "./demo-store.ts";
import { stepFailed } from "./errors.ts";
import { sampleMessage } from "./sample-message.ts";
import { groupName, instance, type Stage } from "./stage.ts";
import { waitFor } from "./wait-for.ts";

export type SentDelivery = { readonly deliveryId: number; readonly logDate: string; readonly messageIdPattern: string };

const sendingLimitMs = 600_000;
const noticesLimitMs = 60_000;

/** Creates and starts the workflow, and waits until every message had its first attempts and every notice was read. */
export async function sendDelivery(stage: Stage): Promise<SentDelivery> {
  stage.screen.step("wfserver runs a workflow: start, query, delivery, end. mta prepares the delivery and sends it.");
  const workflowId = await createWorkflow(stage.db, {
    internalName: stage.runName,
    label: sampleMessage.label,
    definition: {
      activities: [
        { type: "start", name: "start", transitions: [{ name: "initial", target: "query" }] },
        {
          type: "query",
          name: "query",
          settings: { group: groupName },
          transitions: [{ name: "result", target: "delivery" }],
        },
        {
          type: "delivery",
          name: "delivery",
          settings: { ...sampleMessage, action: "prepareAndStart" },
          transitions: [{ name: "result", target: "end" }],
        },
        { type: "end", name: "end" },
      ],
    },
  });
  await requestCommand(stage.db, { workflow: stage.runName, command: "start" });
  const prepared = await waitFor("the delivery was being prepared", 60_000, () => findPrepared(stage, workflowId));
  const sent = {
    deliveryId: prepared.deliveryId,
    logDate: prepared.logDate ?? "",
    messageIdPattern: `<${instance}.%.${prepared.deliveryId.toString(16)}.%`,
  };
  await stage.screen.during("messages", (report) =>
    waitFor("messages were being sent", sendingLimitMs, async () => {
      const delivery = await findDeliveryOf(stage, workflowId);
      report(delivery?.processed ?? 0, delivery?.toDeliver ?? 0);
      return (await isSettled(stage, sent)) ? true : undefined;
    }),
  );
  stage.screen.note(
    `${prepared.toDeliver} messages; ${prepared.reject} recipients left out, each with its reason in the ledger`,
  );
  stage.screen.step("inMail reads what comes back: late bounces, complaints, automatic replies.");
  await waitFor("notices were being read", noticesLimitMs, async () =>
    (await areNoticesRead(stage, sent)) ? true : undefined,
  );
  return sent;
}

/** The delivery as it stands now. */
export function findDeliveryOf(stage: Stage, workflowId: number): Promise<DeliveryRow | undefined> {
  return findDelivery(stage.db, `wf${workflowId}-`);
}

async function findPrepared(stage: Stage, workflowId: number): Promise<DeliveryRow | undefined> {
  const delivery = await findDeliveryOf(stage, workflowId);
  if (delivery === undefined) return undefined;
  if (delivery.state === deliveryStates.preparationFailed || delivery.state === deliveryStates.failed) {
    const state = nameOfCode(deliveryStates, delivery.state) ?? String(delivery.state);
    throw stepFailed({ step: "preparing the delivery", reason: delivery.failureText ?? state });
  }
  return delivery.state >= deliveryStates.inProgress && delivery.logDate !== null ? delivery : undefined;
}

/** True once no message waits for one of its first attempts: what is still pending then has been deferred. */
async function isSettled({ db, attemptsToAwait }: Stage, sent: SentDelivery): Promise<boolean> {
  const ledger = await countLedger(db, sent.deliveryId, sent.logDate);
  return !ledger.some(({ status, attempts }) => status === broadLogStatuses.pending && attempts < attemptsToAwait);
}

async function areNoticesRead({ db }: Stage, sent: SentDelivery): Promise<boolean> {
  if ((await countOwedNotices(db, sent.messageIdPattern)) !== 0) return false;
  const owed = (await countInbox(db, sent.messageIdPattern)).filter(({ name }) => name !== "delivered");
  const read = await countInboundMails(db, sent.deliveryId);
  return total(read) >= total(owed);
}

function total(tallies: readonly { readonly count: number }[]): number {
  return tallies.reduce((sum, { count }) => sum + count, 0);
}
