/** Checks the addresses of a delivery's sender. */

import { matchesMask } from "#foundation/matches-mask.ts";
import { isMailAddress, needsSmtpUtf8, toWireAddress } from "#protocols/mime/mail-address.ts";

import type { ContentPartName, ContentProblem } from "./analyze-content.ts";

export type SenderAddresses = {
  readonly fromAddress: string;
  readonly replyToAddress: string;
  /** Empty = each message has a return path below `bounceDomain`. */
  readonly errorAddress: string;
  readonly bounceDomain: string;
};

export type AddressMasks = {
  /** Which senders are allowed; empty = all. */
  readonly from: readonly string[];
  readonly error: readonly string[];
};

/**
 * What is wrong with the addresses, beside what the analysis of the content says.
 * @source Classic's options NmsDelivery_FromAddressMasks and NmsDelivery_ErrorAddressMasks
 */
export function checkSender(addresses: SenderAddresses, masks: AddressMasks): ContentProblem[] {
  const { fromAddress, replyToAddress, errorAddress, bounceDomain } = addresses;
  const problems: ContentProblem[] = [];
  const tell = (level: ContentProblem["level"], part: ContentPartName, message: string): void => {
    problems.push({ level, part, line: undefined, column: undefined, message });
  };
  if (!isAllowed(masks.from, fromAddress))
    tell("error", "sender", `The address ${fromAddress} fits none of the masks of NmsDelivery_FromAddressMasks.`);
  const bounce = errorAddress === "" ? `bounces@${bounceDomain}` : errorAddress;
  if (errorAddress !== "" && (!isMailAddress(errorAddress) || needsSmtpUtf8(toWireAddress(errorAddress))))
    tell("error", "errorAddress", "It is not a valid address, or has letters outside ASCII before its @.");
  else if (!isAllowed(masks.error, bounce))
    tell("error", "errorAddress", `The address ${bounce} fits none of the masks of NmsDelivery_ErrorAddressMasks.`);
  for (const [part, address] of [["sender", fromAddress] as const, ["replyTo", replyToAddress] as const]) {
    if (isMailAddress(address) && needsSmtpUtf8(toWireAddress(address)))
      tell(
        "warning",
        part,
        `${address} has letters outside ASCII before its @: only servers with SMTPUTF8 take the messages.`,
      );
  }
  return problems;
}

/** Reads the masks of an option: separated by commas, with `*` and `?`. */
export function parseMasks(text: string): string[] {
  return text.split(/[,;\s]+/).filter((mask) => mask !== "");
}

function isAllowed(masks: readonly string[], address: string): boolean {
  return masks.length === 0 || address === "" || masks.some((mask) => matchesMask(mask, address));
}
