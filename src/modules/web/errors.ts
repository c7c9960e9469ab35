/** Errors of web. */

import { defineError } from "#foundation/errors.ts";

export const webPortTaken = defineError<{ address: string; port: number; owner: string }>("WEB-100001", {
  message: ({ address, port, owner }) =>
    `TCP port ${port} on ${address} is taken by ${owner}. Stop that program, or let web use another port: web.port.`,
  mayRetry: true,
});

export const webPortRefused = defineError<{ address: string; port: number; reason: string }>("WEB-100002", {
  message: ({ address, port, reason }) =>
    `web cannot listen on ${address}:${port}: ${reason}. Set web.address to an address of this host, and web.port to one that this user may use.`,
});

/** What a client is told; where the database is, and why it does not answer, stands in the log only. */
export const databaseAway = defineError("WEB-100003", {
  message: () => "The database does not answer at the moment. Try again shortly.",
  mayRetry: true,
});

export const unknownHost = defineError<{ host: string }>("XSV-350063", {
  message: ({ host }) =>
    `There is no data source for the host name '${host}'. Add it to instance.hosts of the instance that it shall lead to.`,
});

export const messageInvalid = defineError<{ reason: string }>("SOP-330100", {
  message: ({ reason }) => `The XML SOAP message is invalid: ${reason}.`,
});

export const messageTooComplex = defineError<{ reason: string }>("SOP-330101", {
  message: ({ reason }) => `The XML SOAP message is refused: ${reason}.`,
});

export const envelopeVersionUnknown = defineError<{ reason: string }>("SOP-330102", {
  message: ({ reason }) => `The XML SOAP message is of another version: ${reason}.`,
});

export const headerNotUnderstood = defineError<{ reason: string }>("SOP-330103", {
  message: ({ reason }) => `The XML SOAP message is refused: ${reason}.`,
});

export const parameterUnreadable = defineError<{ reason: string }>("SOP-330104", {
  message: ({ reason }) => `Error while reading the parameters of the method: ${reason}.`,
});

export const methodNotDeclared = defineError<{ service: string; method: string }>("WEB-100005", {
  message: ({ service, method }) =>
    `The service '${service}' declares no method '${method}', for which there is a handler.`,
});

export const unknownService = defineError<{ service: string }>("SOP-330003", {
  message: ({ service }) => `There is no SOAP service '${service}'.`,
});

export const unknownMethod = defineError<{ service: string; method: string }>("SOP-330006", {
  message: ({ service, method }) => `The method '${method}' is not defined in SOAP service '${service}'.`,
});

export const methodFailed = defineError<{ service: string; method: string }>("SOP-330011", {
  message: ({ service, method }) => `Error while executing the method '${method}' of service '${service}'.`,
});

export const rightMissing = defineError<{ service: string; method: string; right: string }>("SOP-330110", {
  message: ({ service, method, right }) =>
    `The method '${method}' of service '${service}' needs the right '${right}', which this operator does not have.`,
});

/** A defect: what it was stands in the log only, under the reference. */
export const internalFailure = defineError<{ reference: string }>("WEB-100004", {
  message: ({ reference }) => `Something went wrong here. The log of web tells more, under the reference ${reference}.`,
});

export const schemaNotFound = defineError<{ schema: string }>("XFR-180000", {
  message: ({ schema }) => `The entity '${schema}' was not found.`,
});
