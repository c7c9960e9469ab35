/** An event that another program pushed: who shall get which message, and what it is about. */

export type EventQueue = "rtEvent" | "batchEvent";

export type PushedEvent = {
  readonly type: string;
  readonly email: string;
  readonly mobilePhone: string;
  /** 0 e-mail, 1 mobile, 41 iOS, 42 Android. */
  readonly wishedChannel: number;
  /** 0 unknown, 1 text, 2 HTML. */
  readonly emailFormat: number;
  readonly externalId: string;
  readonly origin: string;
  readonly language: string;
  readonly country: string;
  readonly registrationToken: string;
  readonly scheduled: Date | undefined;
  readonly expiration: Date | undefined;
  /** The context: one XML element as text; empty when there is none. */
  readonly ctx: string;
};
