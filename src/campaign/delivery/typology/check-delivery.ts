/** Applies the control rules of a phase to a delivery: what the product's own checks find. */

import type { AnalyzedContent } from "#campaign/content/analyze-content.ts";
import { unreachable } from "#foundation/errors.ts";

import type { Delivery } from "../delivery.ts";
import type { DeliverySettings } from "../delivery-settings.ts";
import { lengthOfWaves } from "../waves.ts";
import type { ControlRule, Finding, Phase, Typology } from "./rule.ts";

export type Checked = {
  readonly delivery: Delivery;
  readonly settings: DeliverySettings;
  readonly content: AnalyzedContent;
  /** Messages after all exclusions; 0 before the target is known. */
  readonly toDeliver: number;
  readonly contactDate: Date;
  readonly validityDate: Date;
};

const longestSubject = 150;
const largestProof = 100;
const dayMs = 86_400_000;

/** What the rules of a phase find, in their order, at the level of each rule. */
export function checkDelivery(typology: Typology, phase: Phase, checked: Checked): Finding[] {
  return typology.rules.flatMap((rule) => {
    if (rule.kind !== "control" || rule.phase !== phase) return [];
    return applyCheck(rule, checked).map((message) => ({ level: rule.level, message: `${rule.label}: ${message}` }));
  });
}

/** True when rules of the typology are scripts. */
export function hasScripts({ rules }: Typology): boolean {
  return rules.some((rule) => rule.kind === "control" && rule.check === "script");
}

/** What rules that are not applied leave undone; said once, at the start. */
export function listUnapplied(typology: Typology): Finding[] {
  return typology.rules.flatMap((rule): Finding[] => {
    if (rule.kind === "capacity")
      return [
        { level: "warning", message: `${rule.label}: capacity rules are not applied; nobody was excluded by it.` },
      ];
    return [];
  });
}

function applyCheck({ check }: ControlRule, checked: Checked): string[] {
  switch (check) {
    case "subject":
      return checkSubject(checked);
    case "urls":
      return checked.content.links.flatMap(checkUrl);
    case "unsubscriptionLink":
      return checkUnsubscription(checked);
    case "proofSize":
      return checkProofSize(checked);
    case "validity":
      return checkValidity(checked);
    case "waves":
      return checkWaves(checked);
    case "script":
      return [];
    default:
      return unreachable(check);
  }
}

function checkSubject({ delivery: { subject } }: Checked): string[] {
  if (subject.trim() === "") return ["the subject is empty."];
  return subject.length > longestSubject ? [`the subject has more than ${longestSubject} characters.`] : [];
}

/** Values of recipients stand as `$(p1)` in what is stored. */
function checkUrl(link: string): string[] {
  const url = URL.parse(link.replaceAll(/\$\(p\d+\)/g, "x"));
  if (url === null) return [`${link} is no address.`];
  if (url.protocol !== "https:" && url.protocol !== "http:") return [];
  const isNumeric = /^(\d+\.){3}\d+$|^\[/.test(url.hostname);
  return url.hostname.includes(".") && !isNumeric ? [] : [`${link} leads to a host that recipients may not reach.`];
}

function checkUnsubscription({ content: { html, text } }: Checked): string[] {
  const parts = [["HTML", html] as const, ["text", text] as const];
  return parts.flatMap(([name, segments]) =>
    segments === undefined || segments.some(({ kind }) => kind === "unsubscribe")
      ? []
      : [`the ${name} content has none.`],
  );
}

function checkProofSize({ delivery: { isProof }, toDeliver }: Checked): string[] {
  return isProof && toDeliver > largestProof ? [`this one is for ${toDeliver}; ${largestProof} are allowed.`] : [];
}

function checkValidity({ contactDate, validityDate }: Checked): string[] {
  const hours = Math.floor((validityDate.getTime() - contactDate.getTime()) / 3_600_000);
  return validityDate.getTime() - contactDate.getTime() < dayMs
    ? [`it ends ${hours} hours after the contact date; retries of addresses that cannot be reached take a day.`]
    : [];
}

function checkWaves({ settings, toDeliver, contactDate, validityDate }: Checked): string[] {
  if (settings.waves === undefined) return [];
  const endsMs = contactDate.getTime() + lengthOfWaves(settings.waves, toDeliver) * 1_000;
  return endsMs > validityDate.getTime()
    ? [`the last one ends ${new Date(endsMs).toISOString()}, after ${validityDate.toISOString()}.`]
    : [];
}
