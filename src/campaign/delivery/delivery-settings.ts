/** What a delivery says about its own preparation and sending beside its content and target. */

import type { SendingMode } from "#schemas/codes.ts";

import { parseShare, type Share } from "./share.ts";
import { parseWaves, type WavePlan } from "./waves.ts";

/** Some recipients of all. */
export type Selection = {
  readonly size: Share;
  /** An expression over nms:recipient, `desc` behind it to begin with the largest; empty = by chance. */
  readonly sort: string;
};

export type DeliverySettings = {
  readonly approval: "manual" | "semiAutomatic" | "automatic";
  readonly sendingMode: SendingMode;
  readonly waves: WavePlan | undefined;
  readonly excludes: {
    readonly doubles: boolean;
    readonly optOut: boolean;
    readonly quarantine: boolean;
    /** 0 = no limit. */
    readonly maxErrors: number;
  };
  readonly limit: Selection | undefined;
  readonly controlGroup: Selection | undefined;
};

const approvals = ["manual", "semiAutomatic", "automatic"] as const;

/**
 * Reads the document of a row of nms_delivery.
 * @throws invalidDelivery
 */
export function parseDeliverySettings(data: unknown): DeliverySettings {
  const given = typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  const isOn = (path: string): boolean => given[path] === true;
  const isNotOff = (path: string): boolean => given[path] !== false;
  return {
    approval: approvals[Number(given["validation/validationMode"] ?? 0)] ?? "manual",
    sendingMode: isOn("sending/verifyMode") ? "simulation" : isOn("sending/testSmtp") ? "smtpTest" : "normal",
    waves: parseWaves(given["scheduling/waves"]),
    excludes: {
      doubles: isNotOff("exclusion/doubles"),
      optOut: isNotOff("exclusion/optOut"),
      quarantine: isNotOff("exclusion/quarantine"),
      maxErrors: Number(given["exclusion/maxErrors"] ?? 0),
    },
    limit: readSelection(given, "limit", "The limit of the target"),
    controlGroup: readSelection(given, "controlGroup", "The control group"),
  };
}

/** Takes an order apart: an expression, and whether it begins with the largest. */
export function readSort(sort: string): { readonly expr: string; readonly isDescending: boolean } {
  const descending = /^(.*\S)\s+desc$/is.exec(sort.trim())?.[1];
  return { expr: descending ?? sort.trim(), isDescending: descending !== undefined };
}

function readSelection(given: Readonly<Record<string, unknown>>, name: string, what: string): Selection | undefined {
  const size = parseShare(textOf(given[`${name}/size`]), what);
  return size && { size, sort: textOf(given[`${name}/sort`]) };
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
