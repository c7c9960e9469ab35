/** States and reasons in words. */

import { deliveryStates, failureReasons, nameOfCode } from "#schemas/codes.ts";

import { type Html, html } from "./html.ts";
import type { Texts } from "./texts.ts";

/** A delivery's state as a badge. */
export function renderState(texts: Texts, state: number): Html {
  const name = nameOfCode(deliveryStates, state);
  const label =
    name === undefined
      ? texts.say("deliveryState.unknown", { code: String(state) })
      : texts.say(`deliveryState.${name}`);
  return html`<span class="state ${toneOf(state)}">${label}</span>`;
}

/** A failure's reason. */
export function sayReason(texts: Texts, reason: number): string {
  const name = nameOfCode(failureReasons, reason);
  return name === undefined
    ? texts.say("failureReason.unknown", { code: String(reason) })
    : texts.say(`failureReason.${name}`);
}

/** True while figures may still change by themselves. */
export function isMoving(state: number): boolean {
  return (
    state > deliveryStates.edited &&
    state < deliveryStates.stopped &&
    ![deliveryStates.preparationFailed, deliveryStates.ready, deliveryStates.paused].some((still) => still === state)
  );
}

function toneOf(state: number): string {
  if (state === deliveryStates.finished) return "ready";
  if (state === deliveryStates.failed || state === deliveryStates.preparationFailed) return "failed";
  if (state === deliveryStates.stopped || state === deliveryStates.paused) return "waiting";
  return isMoving(state) ? "starting" : "stopped";
}
