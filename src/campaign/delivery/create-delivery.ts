/** Stores a new delivery. */

import type { Statements } from "#foundation/database.ts";
import { isMailAddress } from "#protocols/mime/mail-address.ts";

import { findDeliveryId, insertDelivery } from "./delivery-store.ts";
import { invalidDelivery } from "./errors.ts";
import { parseTarget, type Target } from "./target.ts";

export type DeliveryInput = {
  readonly label: string;
  /** Unique; a delivery of that name is answered, not doubled. Left out: `DM` and the id. */
  readonly internalName?: string | undefined;
  readonly folderId?: number | undefined;
  readonly subject?: string | undefined;
  readonly fromAddress?: string | undefined;
  readonly fromName?: string | undefined;
  readonly replyToAddress?: string | undefined;
  readonly htmlSource?: string | undefined;
  readonly textSource?: string | undefined;
  /** Left out: to be chosen before the preparation. */
  readonly target?: Target | undefined;
  readonly batchSize?: number | undefined;
  readonly priority?: number | undefined;
  readonly contactDate?: Date | undefined;
  readonly validityDate?: Date | undefined;
  readonly createdBy?: number | undefined;
};

/** A content of 10 MB is an attachment by mistake. */
const longestSource = 5_000_000;

/**
 * Stores a delivery being edited; its content is judged when it is prepared.
 * @throws invalidDelivery, invalidTarget, errors of the expression language
 */
export async function createDelivery(
  db: Statements,
  input: DeliveryInput,
): Promise<{ readonly deliveryId: number; readonly isNew: boolean }> {
  const problem = findProblem(input);
  if (problem !== undefined) throw invalidDelivery({ problem });
  const created = await insertDelivery(db, {
    internalName: input.internalName,
    label: input.label,
    folderId: input.folderId ?? 0,
    priority: input.priority ?? 10,
    subject: input.subject ?? "",
    fromAddress: input.fromAddress ?? "",
    fromName: input.fromName ?? "",
    replyToAddress: input.replyToAddress ?? "",
    htmlSource: input.htmlSource,
    textSource: input.textSource,
    target: input.target === undefined ? {} : parseTarget(input.target),
    batchSize: input.batchSize ?? 0,
    contactDate: input.contactDate,
    validityDate: input.validityDate,
    createdBy: input.createdBy ?? 0,
  });
  if (created !== undefined) return { deliveryId: created, isNew: true };
  const known = await findDeliveryId(db, input.internalName ?? "");
  if (known === undefined)
    throw invalidDelivery({ problem: `The internal name ${input.internalName ?? ""} was freed meanwhile; try again.` });
  return { deliveryId: known, isNew: false };
}

function findProblem(input: DeliveryInput): string | undefined {
  if (input.label.trim() === "" || input.label.length > 255) return "The label must have 1 to 255 characters.";
  if (input.internalName !== undefined && !/^[A-Za-z][\w.-]{0,63}$/.test(input.internalName)) {
    return "The internal name must begin with a letter and hold only letters, digits, dots, dashes and underscores, 64 at most.";
  }
  for (const [name, address] of [["sender", input.fromAddress] as const, ["reply", input.replyToAddress] as const]) {
    if (address !== undefined && address !== "" && !isMailAddress(address))
      return `The ${name} address is not a valid address.`;
  }
  for (const text of [input.label, input.subject, input.fromName, input.htmlSource, input.textSource]) {
    if (text?.includes("\0") === true) return "A text holds a NUL character.";
    if (text !== undefined && text.length > longestSource)
      return `The content is longer than ${longestSource} characters.`;
  }
  if (!isIntegerWithin(input.batchSize ?? 0, 0, 10_000))
    return "The batch size must be a whole number from 0 to 10000.";
  if (!isIntegerWithin(input.priority ?? 10, 0, 100)) return "The priority must be a whole number from 0 to 100.";
  if (input.contactDate !== undefined && input.validityDate !== undefined && input.validityDate <= input.contactDate) {
    return "The validity must end after the contact date.";
  }
  return undefined;
}

function isIntegerWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
