/** What a request of the REST interface is answered with: who asks, on whose behalf, of which instance. */

import type { FastifyReply, FastifyRequest } from "fastify";

import type { DataContext } from "#datamodel/viewer.ts";
import type { Context } from "#foundation/module.ts";

import type { Caller } from "../soap/soap-call.ts";
import type { WebContext } from "../web-context.ts";
import type { EntityNames } from "./entity-names.ts";
import type { RestMethod } from "./methods/rest-methods.ts";
import type { Scopes } from "./scopes.ts";

export type Identity = {
  readonly caller: Caller;
  readonly scopes: Scopes;
  /** How he came: by a token of a program, by a session whose tokens he sent, or by the session of a browser's cookie. */
  readonly kind: "apiToken" | "session" | "cookie";
};

/** A request before anyone knows who sent it. */
export type OpenCall = {
  readonly web: WebContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly context: Context;
  /** The method at the address, when everyone may call it and nobody said who he is. */
  readonly openMethod?: RestMethod;
};

export type RestCall = OpenCall & {
  readonly identity: Identity;
  /** Reads with the caller's rights. */
  readonly data: DataContext;
  readonly names: EntityNames;
  readonly query: URLSearchParams;
};

/** What a request is answered with; a document as it is written, or text that is JSON already. */
export type RestAnswer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Handler = (call: RestCall) => Promise<RestAnswer>;
