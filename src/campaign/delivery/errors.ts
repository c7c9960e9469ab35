/** Errors of deliveries. */

import { defineError } from "#foundation/errors.ts";

export const unknownDelivery = defineError<{ delivery: number | string }>("DLV-100001", {
  message: ({ delivery }) => `There is no delivery ${delivery}.`,
});

export const invalidDelivery = defineError<{ problem: string }>("DLV-100002", {
  message: ({ problem }) => `The delivery was not stored: ${problem}`,
});

export const invalidTarget = defineError<{ problem: string }>("DLV-100003", {
  message: ({ problem }) => `The target of the delivery is not valid: ${problem}`,
});

export const wrongDeliveryState = defineError<{ deliveryId: number; wish: string; state: string }>("DLV-100004", {
  message: ({ deliveryId, wish, state }) => `Delivery ${deliveryId} cannot be ${wish}: its state is ${state}.`,
});

export const targetNotFound = defineError<{ problem: string }>("DLV-100005", {
  message: ({ problem }) => `The target of the delivery cannot be found: ${problem}`,
});

export const notPrepared = defineError<{ deliveryId: number }>("DLV-100006", {
  message: ({ deliveryId }) => `Delivery ${deliveryId} is not prepared; analyse it before it is sent.`,
});

export const preparationTakenAway = defineError<{ deliveryId: number }>("DLV-100007", {
  message: ({ deliveryId }) =>
    `The preparation of delivery ${deliveryId} was stopped or taken over by another process; nothing of it was kept.`,
});

export const deliveryMovedOn = defineError<{ deliveryId: number }>("DLV-100008", {
  message: ({ deliveryId }) =>
    `Delivery ${deliveryId} changed its state while it was being ended; the next round decides again.`,
  mayRetry: true,
});

export const invalidEvent = defineError<{ problem: string }>("DLV-100009", {
  message: ({ problem }) => `The event was not taken: ${problem}.`,
});

export const eventQueueFull = defineError<{ most: number }>("DLV-100010", {
  message: ({ most }) => `The queue is full: ${most} events wait at most. Send the event again later.`,
  mayRetry: true,
});

export const unknownDeliveryCommand = defineError<{ command: string }>("DLV-100011", {
  message: ({ command }) =>
    `There is no command '${command.slice(0, 40)}'; there are play, resume, pause, retry and stop.`,
});

export const submissionQueueFull = defineError<{ most: number }>("DLV-100012", {
  message: ({ most }) => `${most} deliveries wait for their preparation already. Submit this one again later.`,
  mayRetry: true,
});

export const preparationRefused = defineError<{ deliveryId: number; reason: string }>("DLV-100013", {
  message: ({ deliveryId, reason }) => `Delivery ${deliveryId} could not be prepared: ${reason}`,
});

export const preparationStopped = defineError<{ deliveryId: number }>("DLV-100014", {
  message: ({ deliveryId }) => `The preparation of delivery ${deliveryId} was stopped.`,
});

export const typologyGone = defineError<{ typologyId: number }>("DLV-100015", {
  message: ({ typologyId }) =>
    `The delivery's typology ${typologyId} does not exist any more; choose another one, or none for the default.`,
});

export const blockedByRule = defineError<{ problems: readonly string[] }>("DLV-100016", {
  message: ({ problems }) => `Rules of the typology forbid the delivery: ${problems.join(" ")}`,
});

export const keptFileGone = defineError<{ deliveryId: number; internalName: string }>("DLV-100017", {
  message: ({ deliveryId, internalName }) =>
    `The copy of the file ${internalName} that delivery ${deliveryId} was prepared with is gone or was changed; nothing more of it is sent. Send what is left with a copy of the delivery.`,
});
