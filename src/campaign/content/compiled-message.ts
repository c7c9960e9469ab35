/** What a delivery's content becomes before sending, and what one message is when it is composed. Types only. */

import type { KeyObject } from "node:crypto";

import type { DkimKey } from "#protocols/dkim/dkim-key.ts";

/**
 * A delivery ready to be composed: everything that is the same for all recipients is already encoded.
 * Made by `loadDelivery` (campaign/delivery), used by `composeMessage`, as often as there are recipients.
 */
export type CompiledDelivery = {
  readonly deliveryId: number;
  readonly instance: string;
  /** Partition key of the delivery's rows in nms_broad_log, `YYYY-MM-DD`. */
  readonly logDate: string;
  readonly label: string;
  /** No message may be sent from this moment on. */
  readonly validUntil: Date | undefined;
  /** What the message reads of each recipient: columns of nms_recipient, in the order of `MessageRecipient.fields`. */
  readonly columns: readonly string[];
  /** Every link that the redirection server must know, the reserved ones (open, unsubscribe) included. */
  readonly trackingUrls: readonly TrackingUrl[];
  readonly headers: CompiledHeaders;
  readonly bodies: CompiledBodies;
  readonly identity: IdentityKeys;
  /** Undefined: messages leave unsigned. */
  readonly dkim: DkimKey | undefined;
};

export type TrackingUrl = {
  readonly id: number;
  /** Number of `urlTypes`. */
  readonly type: number;
  /** Personalised parameters stand as `$(p1)`, `$(p2)` ... */
  readonly url: string;
};

/** Keys and names that make identifiers of one instance. */
export type IdentityKeys = {
  readonly instance: string;
  readonly bounceDomain: string;
  /** Without a final slash. */
  readonly publicUrl: string;
  readonly linkKey: KeyObject;
  readonly returnPathKey: KeyObject;
};

export type CompiledHeaders = {
  readonly fromName: readonly TextPiece[];
  readonly fromAddress: string;
  readonly subject: readonly TextPiece[];
  /** Complete fields with CRLF, the same in each message: MIME-Version, Reply-To, Feedback-ID ... */
  readonly constantFields: readonly string[];
};

/** A piece of a header's text: encoded together with its neighbours, since encoded words may not be joined at will. */
export type TextPiece = { readonly text: string } | { readonly value: ValueSource };

/** What each kind of recipient gets; the same object where the delivery has one part only. */
export type CompiledBodies = {
  readonly alternative: CompiledBody;
  readonly textOnly: CompiledBody;
  readonly htmlOnly: CompiledBody;
};

/** A body is `slices[0] slots[0] slices[1] ... slots[n-1] slices[n]`. */
export type CompiledBody = {
  /** Content-Type and Content-Transfer-Encoding, complete fields with CRLF. */
  readonly headerFields: readonly string[];
  readonly slices: readonly Slice[];
  readonly slots: readonly Slot[];
  /** True when no slice differs from its canonical form, so that the body can be hashed in one go. */
  readonly isCanonical: boolean;
  /** Bytes of all slices together. */
  readonly constantBytes: number;
};

/** Constant bytes, quoted-printable, each line at most 76 characters. It ends where the next slot begins on a fresh line. */
export type Slice = {
  readonly wire: Buffer;
  /** The same as DKIM's relaxed canonicalisation sees it; the same object when nothing differs. */
  readonly canonical: Buffer;
};

/** Where a value stands, which decides how it is escaped. */
export type Place = "htmlText" | "attribute" | "urlParameter" | "plainText";

export type Slot =
  | { readonly kind: "value"; readonly value: ValueSource; readonly place: Place }
  | {
      readonly kind: "link";
      readonly urlId: number;
      readonly content: ContentLetter;
      readonly values: readonly ValueSource[];
    }
  | { readonly kind: "openPixel" }
  | { readonly kind: "unsubscribe"; readonly content: ContentLetter };

/** `h`: within HTML, `t`: within plain text. */
export type ContentLetter = "h" | "t";

export type ValueSource =
  | { readonly object: "recipient" /** Index in `columns`. */; readonly index: number }
  | { readonly object: "message"; readonly name: "id" | "mimeMessageId" }
  | { readonly object: "constant"; readonly text: string };

/** The recipient of one message, as read from nms_broad_log and nms_recipient. */
export type MessageRecipient = {
  readonly broadLogId: number;
  readonly recipientId: number;
  /** The address that was frozen when the delivery was prepared. */
  readonly address: string;
  /** Classic's numbers: 0 unknown, 1 text, 2 HTML. */
  readonly emailFormat: number;
  /** Values of `CompiledDelivery.columns`, as text. */
  readonly fields: readonly (string | null)[];
};

export type ComposedMessage = {
  readonly broadLogId: number;
  readonly envelope: { readonly from: string; readonly to: string };
  /** With its angle brackets. */
  readonly messageId: string;
  /**
   * The whole message: CRLF lines, 7-bit unless `needsSmtpUtf8`, ending with CRLF, signed when there is a key. No line begins with a
   * dot, so that dot-stuffing changes nothing.
   */
  readonly content: Buffer;
  /** The address has letters outside ASCII before its @: only a server with SMTPUTF8 may be given the message. */
  readonly needsSmtpUtf8: boolean;
};
