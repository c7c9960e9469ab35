/** What a delivery's content becomes before sending, and what one message is when it is composed. Types only. */

import type { KeyObject } from "node:crypto";

import type { DkimKey } from "#protocols/dkim/dkim-key.ts";
import type { SignableFields } from "#protocols/dkim/sign-message.ts";
import type { CompiledScript, RenderedParts, ScriptedSlot, ScriptedText } from "./script/compiled-script.ts";
import type { Base64Slice, Leftover } from "#protocols/mime/base64-lines.ts";

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
  readonly chooseBody: ChooseBody;
  readonly identity: IdentityKeys;
  /** Undefined: messages are composed without the sandbox. */
  readonly script: CompiledScript | undefined;
  /** Where bounces come back to; empty = each message has a signed return path of its own. */
  readonly errorAddress: string;
  readonly signingKeys: SigningKeys;
};

/** The keys that sign at a moment, one of each algorithm at most; none: messages leave unsigned. */
export type SigningKeys = (now: Date) => readonly DkimKey[];

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
  /** Fields with values. */
  readonly templates: readonly HeaderTemplate[];
  /** Fields that are the same in each message. */
  readonly constants: SignableFields;
  /** The delivery brings a List-Unsubscribe of its own. */
  readonly hasUnsubscribe: boolean;
  /** An address of the sender has letters outside ASCII before its @. */
  readonly needsSmtpUtf8: boolean;
};

export type HeaderTemplate = {
  readonly name: string;
  readonly pieces: readonly TextPiece[];
} & (
  | { readonly kind: "text" | "structured" }
  /** The pieces are the name that is shown. */
  | { readonly kind: "mailbox"; readonly address: string }
);

/** A piece of a header's text: encoded together with its neighbours, since encoded words may not be joined at will. */
export type TextPiece = { readonly text: string } | { readonly value: ValueSource } | { readonly script: ScriptedText };

/** What a recipient gets, by the wishes of the delivery, the recipient and the recipient's domain. */
export type ChooseBody = (recipient: Pick<MessageRecipient, "address" | "emailFormat">) => CompiledBody;

/** A body is `slices[0] slots[0] slices[1] ... slots[n-1] slices[n] tail`. */
export type CompiledBody = {
  /** Content-Type and Content-Transfer-Encoding. */
  readonly head: SignableFields;
  readonly slices: readonly Slice[];
  readonly slots: readonly Slot[];
  /** Images and attachments with what stands between them, shared by all bodies of the delivery; their own canonical form. */
  readonly tail: readonly Buffer[];
  /** True when no slice differs from its canonical form, so that the body can be hashed in one go. */
  readonly isCanonical: boolean;
  /** Bytes of all slices and of the tail together, at most. */
  readonly constantBytes: number;
};

/**
 * Constant bytes, each line at most 76 characters. In quoted-printable it ends where the next slot begins on a fresh line; a part in
 * base64 goes on with what is left over.
 */
export type Slice = {
  /** Comes before `wire`, in a part in base64. */
  readonly base64: Base64Slice | undefined;
  readonly wire: Buffer;
  /** The same as DKIM's relaxed canonicalisation sees it; the same object when nothing differs. */
  readonly canonical: Buffer;
  /** A part in base64 with slots begins in `wire`: its bytes that are left over there. */
  readonly leftover: Leftover | undefined;
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
  | ScriptedSlot
  | { readonly kind: "unsubscribe"; readonly content: ContentLetter };

/** `h`: within HTML, `t`: within plain text. */
export type ContentLetter = "h" | "t";

export type ValueSource =
  | { readonly object: "recipient" /** Index in `columns`. */; readonly index: number }
  | { readonly object: "message"; readonly name: "id" | "mimeMessageId" | "errorAddress" }
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
  /** What the scripts of the delivery have answered for this recipient, when it has scripts. */
  readonly rendered?: RenderedParts;
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
  /** Bytes around the content, in the same memory, that whoever sends it may write to. */
  readonly margins: { readonly before: number; readonly behind: number };
  /** An address in it has letters outside ASCII before its @: only a server with SMTPUTF8 may be given the message. */
  readonly needsSmtpUtf8: boolean;
  /** Gives the memory back, to be called once, when nobody reads `content` any more; `mayBeReused` is false when the system still may. */
  release(mayBeReused: boolean): void;
};
