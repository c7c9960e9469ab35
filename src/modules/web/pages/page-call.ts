/** What a page is made from: who asks, of which instance, and in which language. */

import type { FastifyReply, FastifyRequest } from "fastify";

import { findCallersSession } from "#campaign/access/admit-caller.ts";
import type { Session } from "#campaign/access/find-session.ts";
import { isProbe } from "#campaign/access/operator.ts";
import { makeSecurityToken, parseSessionToken } from "#campaign/access/tokens.ts";
import { instanceSettings } from "#foundation/common-settings.ts";
import { chooseLanguage, isLanguage, type Language } from "#foundation/languages.ts";
import type { Context } from "#foundation/module.ts";

import { boundDatabase } from "../http/bound-database.ts";
import { sessionCookie } from "../http/session-cookie.ts";
import { webSettings } from "../settings.ts";
import type { WebContext } from "../web-context.ts";
import { type Texts, textsOf } from "./texts.ts";

/** A call that needs no session. */
export type PublicCall = {
  readonly web: WebContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly context: Context;
  readonly texts: Texts;
};

/** A call of an operator who is logged on. */
export type PageCall = PublicCall & {
  readonly session: Session;
  /** Stands in every form, and proves that it is ours. */
  readonly securityToken: string;
};

/** Prepares a call: the instance by its host name, the language by the browser's wishes. */
export async function openCall(web: WebContext, request: FastifyRequest, reply: FastifyReply): Promise<PublicCall> {
  const context = await web.instances.choose(request.client.host);
  const { databaseTimeoutMs } = web.host.settings.of(webSettings);
  const { timezone } = context.settings.of(instanceSettings);
  const bounded = { ...context, db: boundDatabase(context.db, databaseTimeoutMs) };
  return { web, request, reply, context: bounded, texts: textsOf(languageOf(request, context), timezone) };
}

/**
 * Adds the session that the cookie names, with its operator's language and time zone.
 * @returns undefined when there is none that is alive, or its operator has no use of pages
 * @throws zoneRefused when it may not be used from here
 */
export async function admitCall(call: PublicCall): Promise<PageCall | undefined> {
  const token = parseSessionToken(call.request.cookies[sessionCookie] ?? "");
  if (token === undefined) return undefined;
  const session = await findCallersSession(call.context, call.request.client, token);
  if (session === undefined || isProbe(session.operator) || session.operator.noConsoleCnx) return undefined;
  const { operator } = session;
  const language = isLanguage(operator.locale) ? operator.locale : call.texts.language;
  const { queryTimeoutMs } = call.web.host.settings.of(webSettings);
  // The database has just answered: what the page itself asks may take longer.
  const context = await call.web.instances.choose(call.request.client.host);
  return {
    ...call,
    context: { ...context, db: boundDatabase(context.db, queryTimeoutMs) },
    session,
    texts: textsOf(language, operator.timezone || context.settings.of(instanceSettings).timezone),
    securityToken: makeSecurityToken(context, session.token, context.clock.now()),
  };
}

/** The language of a browser that nobody is logged on with. */
export function languageOf(request: FastifyRequest, context: Context | undefined): Language {
  const preset = context?.settings.of(instanceSettings).lang ?? "en";
  return chooseLanguage((request.headers["accept-language"] ?? "").slice(0, 200).split(","), preset);
}

/** One value of the query or of a form; of several, the first. Control characters are no part of what anyone means. */
export function valueOf(source: unknown, name: string): string {
  if (typeof source !== "object" || source === null || !Object.hasOwn(source, name)) return "";
  const value: unknown = (source as Record<string, unknown>)[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  // eslint-disable-next-line no-control-regex -- naming control characters is the purpose
  return typeof first === "string" ? first.toWellFormed().replace(/[\u0000-\u001f\u007f]/g, "") : "";
}

/** A whole number of the query or of the path, or undefined. */
export function numberOf(source: unknown, name: string): number | undefined {
  const text = valueOf(source, name);
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
