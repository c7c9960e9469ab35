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

export const databaseUnwritable = defineError("WEB-100013", {
  message: () =>
    "The database takes no changes at the moment: its disk is full, or it is read-only. Nothing was changed; try again once that is mended.",
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

export const requestForged = defineError("WEB-100006", {
  message: () => "This request did not come from a page of this server. Nothing was changed.",
});

export const fileNameRefused = defineError("WEB-100008", {
  message: () =>
    "A file of this name may not be uploaded. Rename it, or have web.files.uploadAllowlist let it through.",
});

export const fileTooLarge = defineError<{ limitMb: number }>("WEB-100009", {
  message: ({ limitMb }) => `The file is larger than ${limitMb} MB (web.files.maxUploadMb).`,
});

export const uploadMissing = defineError("WEB-100010", {
  message: () => "There is no file in the request: send one as multipart/form-data in the field 'file_noMd5'.",
});

export const fileNotFound = defineError("WEB-100011", {
  message: () => "There is no such file.",
});

/** Does not say whether there is anything. */
export const addressClosed = defineError("WEB-100012", {
  message: () => "This address is not open from here. Try https, or ask whoever runs this server.",
});

export const certificateUnusable = defineError<{ file: string; reason: string }>("WEB-100007", {
  message: ({ file, reason }) =>
    `The TLS certificate or key in ${file} cannot be used: ${reason}. Set web.tls.certificate and web.tls.key to PEM files that belong together and that this user may read.`,
});

/** A defect: what it was stands in the log only, under the reference. */
export const internalFailure = defineError<{ reference: string }>("WEB-100004", {
  message: ({ reference }) => `Something went wrong here. The log of web tells more, under the reference ${reference}.`,
});

export const entityNotFound = defineError<{ entity: string }>("XFR-180000", {
  message: ({ entity }) => `The entity '${entity}' was not found.`,
});

export const methodNotYet = defineError<{ service: string; method: string; reason: string }>("SOP-330005", {
  message: ({ service, method, reason }) =>
    `The method '${method}' of service '${service}' is not available. ${reason}`,
});

/** For one method, in the words that clients of events know. */
export const parametersUnreadable = defineError<{ service: string; method: string }>("SOP-330112", {
  message: ({ service, method }) => `Error while reading parameters of method '${method}' of service '${service}'.`,
});

export const tokenTooNarrow = defineError("SOP-330117", {
  message: () => "This API token is for parts of the interface only; SOAP takes tokens with the scope '*'.",
});

export const documentMissing = defineError<{ service: string; method: string }>("SOP-330105", {
  message: ({ service, method }) =>
    `The method '${method}' of service '${service}' is called on an entity: give its document as the first parameter.`,
});

export const idCountRefused = defineError<{ most: number }>("SOP-330106", {
  message: ({ most }) => `Ask for 1 to ${most} ids at a time.`,
});

export const secretTooLong = defineError<{ longest: number }>("SOP-330107", {
  message: ({ longest }) => `A secret has at most ${longest} characters.`,
});

export const conditionMissing = defineError("SOP-330108", {
  message: () => "There is no condition, so that everything would be deleted. To mean that, give the condition 1 = 1.",
});

export const keyUnreadable = defineError<{ pk: string; wanted: string }>("SOP-330109", {
  message: ({ pk, wanted }) => `'${pk}' is not a primary key such as ${wanted}.`,
});

export const packageInvalid = defineError<{ problem: string }>("SOP-330116", {
  message: ({ problem }) => `The package was not installed: ${problem}.`,
});

export const jobCallInvalid = defineError<{ problem: string }>("SOP-330113", {
  message: ({ problem }) => `The job was not submitted: ${problem}.`,
});

export const counterUnknown = defineError<{ name: string }>("SOP-330114", {
  message: ({ name }) => `There is no counter '${name.slice(0, 100)}'.`,
});

export const fileMissing = defineError<{ file: string }>("SOP-330115", {
  message: ({ file }) => `The content of the file '${file.slice(0, 100)}' is not here: upload it first.`,
});
