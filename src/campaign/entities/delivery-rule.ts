/**
 * Writing `nms:delivery`: a prepared delivery whose content or target changes has to be prepared anew; one that is being
 * prepared or sent stays as it is.
 */

import { invalidDelivery, wrongDeliveryState } from "#campaign/delivery/errors.ts";
import { parseDeliverySettings, readSort } from "#campaign/delivery/delivery-settings.ts";
import { preparingStates, runningStates } from "#campaign/delivery/preparing-states.ts";
import { parseTarget } from "#campaign/delivery/target.ts";
import { compileWhere } from "#datamodel/compile-where.ts";
import type { FieldValue } from "#datamodel/write/field-value.ts";
import type { DeletedRow, RuleRow, WriteRule } from "#datamodel/write/write-context.ts";
import { isMailAddress } from "#protocols/mime/mail-address.ts";
import { type DeliveryState, deliveryStates, nameOfCode } from "#schemas/codes.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { deleteWaitingParts } from "./entity-rules-store.ts";
import { giveInternalName } from "./internal-name-rule.ts";

/** What was looked at when the messages were prepared. */
const preparedFields = [
  "messageType",
  "deliveryMode",
  "mapping-id",
  "typology-id",
  "operation-id",
  "affinity",
  "isProof",
  "service-id",
  "deliveryProvider-id",
  "mailParameters/subject",
  "mailParameters/senderAddress",
  "mailParameters/senderName",
  "mailParameters/replyAddress",
  "mailParameters/replyName",
  "mailParameters/errorAddress",
  "mailParameters/headers",
  "mailParameters/messageFormat",
  "mailParameters/hasEmbeddedImages",
  "mailParameters/attachments",
  "content/html/source",
  "content/text/source",
  "targets",
  "batchSize",
  "scheduling/contactDate",
  "scheduling/waves",
  "sending/verifyMode",
  "sending/testSmtp",
  "exclusion/doubles",
  "exclusion/optOut",
  "exclusion/quarantine",
  "exclusion/maxErrors",
  "limit/size",
  "limit/sort",
  "controlGroup/size",
  "controlGroup/sort",
];

/** What `parseDeliverySettings` reads. */
const settingsFields = preparedFields.filter((path) =>
  /^(scheduling\/waves|sending|exclusion|limit|controlGroup)/.test(path),
);

const addressFields = ["mailParameters/senderAddress", "mailParameters/replyAddress"];
const datesOfSending = ["scheduling/contactDate", "scheduling/validityDate"];

const counts = ["properties/totalTarget", "properties/reject", "properties/toDeliver"];

const underWay: readonly DeliveryState[] = [...preparingStates, ...runningStates, "stopRequested"];
const over: readonly DeliveryState[] = ["stopped", "failed", "finished", "deleted"];

export const deliveryRule: WriteRule = {
  needs: ["state", "label", "priority", ...datesOfSending, ...preparedFields],
  complete: async (rows, { tx, schemas }) => {
    for (const row of rows) {
      giveInternalName(row, "internalName", "DM");
      checkValues(row, schemas);
    }
    const again = rows.filter(mustBePreparedAnew);
    for (const row of again) forgetPreparation(row);
    if (again.length > 0)
      await deleteWaitingParts(
        tx,
        again.map(({ key }) => Number(key[0])),
      );
  },
  deleting: async (rows, { tx }) => {
    rows.forEach(refuseUnderWay);
    await deleteWaitingParts(
      tx,
      rows.map(({ key }) => Number(key[0])),
    );
  },
};

function checkValues(row: RuleRow, schemas: SchemaSet): void {
  for (const path of addressFields) {
    const address = row.value(path);
    // A personalized address is judged when it is prepared, for each recipient.
    if (
      row.isChanged(path) &&
      typeof address === "string" &&
      address !== "" &&
      !address.includes("<%") &&
      !isMailAddress(address)
    )
      throw invalidDelivery({ problem: `${path} is not a valid address.` });
  }
  if (!isWithin(row.value("batchSize"), 10_000))
    throw invalidDelivery({ problem: "batchSize must be a whole number from 0 to 10000." });
  if (!isWithin(row.value("priority"), 100))
    throw invalidDelivery({ problem: "priority must be a whole number from 0 to 100." });
  const [contact, validity] = datesOfSending.map((path) => row.value(path));
  if (contact instanceof Date && validity instanceof Date && validity <= contact)
    throw invalidDelivery({ problem: "scheduling/validityDate must be after scheduling/contactDate." });
  if (settingsFields.some((path) => row.isChanged(path))) checkSettings(row, schemas);
  if (row.isChanged("targets")) row.set("targets", { json: checkedTarget(row.value("targets"), schemas) });
}

/** @throws invalidDelivery, and the errors of the expression language for an order that cannot be understood */
function checkSettings(row: RuleRow, schemas: SchemaSet): void {
  const plain = (value: FieldValue | undefined): unknown =>
    typeof value === "object" && value !== null && "json" in value ? value.json : value;
  const settings = parseDeliverySettings(
    Object.fromEntries(settingsFields.map((path) => [path, plain(row.value(path))])),
  );
  const recipient = schemas.find("nms:recipient");
  for (const { sort } of [settings.limit, settings.controlGroup].filter((selection) => selection !== undefined))
    if (sort !== "" && recipient !== undefined)
      compileWhere(recipient, `(${readSort(sort).expr}) is null`, { schemas });
}

/** An empty target is still to be chosen. */
function checkedTarget(value: FieldValue | undefined, schemas: SchemaSet): unknown {
  const target = typeof value === "object" && value !== null && "json" in value ? value.json : undefined;
  const isOpen =
    target === undefined || target === null || (typeof target === "object" && Object.keys(target).length === 0);
  return isOpen ? {} : parseTarget(target, schemas);
}

function isWithin(value: FieldValue | undefined, most: number): boolean {
  return value === undefined || (typeof value === "number" && value >= 0 && value <= most);
}

/** @throws wrongDeliveryState when the messages are on their way, or gone */
function mustBePreparedAnew(row: RuleRow): boolean {
  if (row.isNew || !preparedFields.some((path) => row.isChanged(path))) return false;
  const state = stateOf(row.before("state"));
  if (state === "edited") return false;
  if (underWay.includes(state) || over.includes(state))
    throw wrongDeliveryState({ deliveryId: Number(row.key[0]), wish: "given another content or target", state });
  return true;
}

function forgetPreparation(row: RuleRow): void {
  row.set("state", deliveryStates.edited);
  row.set("isStartRequested", false);
  row.set("prepared", null);
  row.set("failureText", null);
  for (const path of counts) row.set(path, 0);
}

function refuseUnderWay(row: DeletedRow): void {
  const state = stateOf(row.before("state"));
  if (underWay.includes(state)) throw wrongDeliveryState({ deliveryId: Number(row.key[0]), wish: "deleted", state });
}

function stateOf(value: FieldValue | undefined): DeliveryState {
  return nameOfCode(deliveryStates, Number(value ?? 0)) ?? "failed";
}
