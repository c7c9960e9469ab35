/** What a handler of a SOAP method is handed. */

import type { Operator } from "#campaign/access/operator.ts";
import type { SessionToken } from "#campaign/access/tokens.ts";
import type { DataContext } from "#datamodel/viewer.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";
import type { Context } from "#foundation/module.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";

/** Whence a call comes: the client's address, and whether it came by TLS. */
export type Client = { readonly address: string; readonly isSecure: boolean };

/** Who calls. Without a session token he came with an API token. */
export type Caller = { readonly operator: Operator; readonly token?: SessionToken };

export type SoapCall = {
  readonly context: Context;
  /** Of a method that needs a session; undefined for a method that is open to everyone. */
  readonly caller: Caller | undefined;
  /**
   * Who calls, for a method that is open to everyone but does more for some.
   * @throws sessionInvalid
   */
  requireCaller(): Promise<Caller>;
  readonly client: Client;
  /** The schema that the method is called for: `nms:delivery` in `xtk:persist|nms:delivery`, else the service's own. */
  readonly target: string;
  /**
   * The document of the entity that a method that is not static is called on.
   * @throws documentMissing
   */
  document(): XmlElement;
  /** Reads data with the caller's rights; `viewer` in it is the caller. */
  dataContext(): Promise<DataContext>;
  /** Writes data with the caller's rights, by the rules of the domain. */
  writeContext(): Promise<WriteContext>;
};
