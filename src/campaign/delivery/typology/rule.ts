/** Rules of a typology, as a preparation applies them. */

import type { alertLevels, TypologyCheck, typologyPhases } from "#schemas/codes.ts";

export type Phase = keyof typeof typologyPhases;
export type AlertLevel = keyof typeof alertLevels;

type Common = {
  readonly ruleId: number;
  readonly label: string;
  /** Who wrote it last: its conditions see what he may see; 0 = the product itself. */
  readonly modifiedBy: number;
  /** Over nms:delivery; empty = every delivery. */
  readonly deliveryCondition: string;
};

export type ControlRule = Common & {
  readonly kind: "control";
  readonly phase: Phase;
  readonly level: AlertLevel;
  readonly check: TypologyCheck;
  /** The body of a function of `delivery`, where the check is `script`. */
  readonly script: string;
};

export type FilteringRule = Common & {
  readonly kind: "filtering";
  /** Over nms:recipient: who is excluded. */
  readonly where: string;
};

export type PressureRule = Common & {
  readonly kind: "pressure";
  /** Fewer messages than this let one more pass; 0 = nobody is written to. */
  readonly threshold: number;
  readonly periodDays: number;
  readonly weight: number;
};

export type CapacityRule = Common & { readonly kind: "capacity" };

export type Rule = ControlRule | FilteringRule | PressureRule | CapacityRule;

export type Typology = {
  readonly affinity: string;
  /** In the order in which they are applied. */
  readonly rules: readonly Rule[];
};

/** What a rule has to say about a delivery. */
export type Finding = { readonly level: "info" | "warning" | "error"; readonly message: string };
