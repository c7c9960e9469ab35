/** Reads an event as its sender gave it: texts by the names of the fields. */

import { isMailAddress } from "#protocols/mime/mail-address.ts";

import { invalidEvent } from "../errors.ts";
import type { PushedEvent } from "./event.ts";

const channels = [0, 1, 41, 42];
const longestTexts = {
  type: 100,
  email: 320,
  mobilePhone: 50,
  externalId: 100,
  origin: 100,
  language: 20,
  country: 10,
  registrationToken: 10_000,
} as const;
const mostContext = 1_000_000;
const known = [...Object.keys(longestTexts), "wishedChannel", "emailFormat", "scheduled", "expiration"];
/** Attributes that clients send and that the server decides. */
const ignored = ["xtkschema", "_operation", "_key", "id"];
const momentPattern = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?$/;

/**
 * Accepts an event.
 * @param ctx the context as XML text; empty when there is none
 * @throws invalidEvent
 */
export function parseEvent(values: ReadonlyMap<string, string>, ctx: string): PushedEvent {
  for (const name of values.keys()) {
    if (!known.includes(name) && !ignored.includes(name))
      throw invalidEvent({ problem: `there is no attribute '${name.slice(0, 60)}'` });
  }
  const text = (name: keyof typeof longestTexts): string => {
    const value = (values.get(name) ?? "").trim();
    if (value.length > longestTexts[name] || value.includes("\0"))
      throw invalidEvent({ problem: `'${name}' is longer than ${longestTexts[name]} characters, or no text` });
    return value;
  };
  if (ctx.length > mostContext) throw invalidEvent({ problem: `its ctx is longer than ${mostContext} characters` });
  const event: PushedEvent = {
    type: text("type"),
    email: text("email"),
    mobilePhone: text("mobilePhone"),
    wishedChannel: readChoice(values, "wishedChannel", channels),
    emailFormat: readChoice(values, "emailFormat", [0, 1, 2]),
    externalId: text("externalId"),
    origin: text("origin"),
    language: text("language"),
    country: text("country"),
    registrationToken: text("registrationToken"),
    scheduled: readMoment(values, "scheduled"),
    expiration: readMoment(values, "expiration"),
    ctx,
  };
  checkAddress(event);
  return event;
}

function checkAddress({ type, email, wishedChannel, mobilePhone, registrationToken }: PushedEvent): void {
  if (type === "") throw invalidEvent({ problem: "its type is missing" });
  if (email !== "" && !isMailAddress(email)) throw invalidEvent({ problem: "its email is not a valid address" });
  if (wishedChannel === 0 && email === "") throw invalidEvent({ problem: "its email is missing" });
  if (wishedChannel === 1 && mobilePhone === "") throw invalidEvent({ problem: "its mobilePhone is missing" });
  if (wishedChannel > 1 && registrationToken === "")
    throw invalidEvent({ problem: "its registrationToken is missing" });
}

function readChoice(values: ReadonlyMap<string, string>, name: string, choices: readonly number[]): number {
  const text = values.get(name)?.trim() ?? "";
  const value = text === "" ? 0 : Number(text);
  if (!/^\d{0,3}$/.test(text) || !choices.includes(value))
    throw invalidEvent({ problem: `'${name}' is none of ${choices.join(", ")}` });
  return value;
}

/** A moment without a zone is one of UTC. */
function readMoment(values: ReadonlyMap<string, string>, name: string): Date | undefined {
  const text = values.get(name)?.trim() ?? "";
  if (text === "") return undefined;
  const isZoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const whole = isZoned ? text : `${text}${text.length > 10 ? "Z" : "T00:00:00Z"}`;
  const moment = new Date(whole.replace(/^(\S+) (?=\d)/, "$1T").replace(" ", ""));
  if (!momentPattern.test(text) || Number.isNaN(moment.getTime()))
    throw invalidEvent({ problem: `'${name}' is no moment such as 2026-03-01T10:00:00Z` });
  return moment;
}
