/** Where messages of a domain go: mail exchangers in the order in which they are tried. */

export type MailExchanger = {
  /** Its name, or the address where there is no name; rules of the statistics server are matched on it. */
  readonly host: string;
  /** Low comes first; equal ones share the load. */
  readonly preference: number;
  /** Left out = the destination's. */
  readonly port?: number;
};

/**
 * What the operator or the recipient's domain asks of the connection: `required` = never in plain text, `verified` = and only with a
 * certificate that is valid for the exchanger's name (MTA-STS).
 */
export type TlsDemand = "disabled" | "opportunistic" | "required" | "verified";

/** Domains with the same exchangers share a destination, and so its sessions. */
export type Destination = {
  readonly key: string;
  readonly exchangers: readonly MailExchanger[];
  readonly port: number;
  /** True where an operator named the host: private addresses are then what is meant. */
  readonly isTrusted: boolean;
  /** Joined with the statistics server's rule when a session is opened; left out = nothing is asked. */
  readonly tls?: TlsDemand;
};

export type Route =
  | { readonly kind: "destination"; readonly destination: Destination }
  /** The domain takes no mail, and says so. */
  | { readonly kind: "refused"; readonly text: string; readonly isFinalForAddress: boolean }
  /** Not known now: to be asked again. */
  | { readonly kind: "unresolved"; readonly text: string };
