/** Errors of imports and exports. */

import { defineError } from "#foundation/errors.ts";

export const listMissing = defineError<{ file: string }>("TRF-100001", {
  message: ({ file }) =>
    `There is no file ${file}. Check the path; it is taken from the folder that the command is started in.`,
});

export const listIsNoFile = defineError<{ file: string; what: string }>("TRF-100002", {
  message: ({ file, what }) => `${file} is ${what}, not a file. Name the CSV file itself.`,
});

export const listUnreadable = defineError<{ file: string; reason: string }>("TRF-100003", {
  message: ({ file, reason }) => `The file ${file} cannot be read: ${reason}.`,
});

export const listIsEmpty = defineError<{ file: string }>("TRF-100004", {
  message: ({ file }) => `The file ${file} is empty. Nothing was imported.`,
});

export const listIsNoText = defineError<{ file: string; name: string }>("TRF-100005", {
  message: ({ file, name }) =>
    `The file ${file} is ${name}. Save it as CSV in UTF-8 and import that. Nothing was imported.`,
});

export const listHasWrongEncoding = defineError<{ file: string; line: number }>("TRF-100006", {
  message: ({ file, line }) =>
    `Line ${line} of ${file} is not valid UTF-8. Save the file as CSV in UTF-8, or say how it is written with -encoding:windows-1252. Nothing was imported.`,
});

export const listHeadingUnreadable = defineError<{ file: string; reason: string }>("TRF-100007", {
  message: ({ file, reason }) =>
    `The heading of ${file} cannot be read: ${reason} The first line must name the columns. Nothing was imported.`,
});

export const listHasNoAddresses = defineError<{ file: string; headings: readonly string[] }>("TRF-100008", {
  message: ({ file, headings }) =>
    `No column of ${file} is headed as an e-mail address (email, e-mail, mail, courriel, ...). Its first line says: ${headings.join(", ")}. Nothing was imported.`,
});

export const listHasNoRows = defineError<{ file: string }>("TRF-100009", {
  message: ({ file }) => `The file ${file} holds a heading and nothing below it. Nothing was imported.`,
});

export const listChanged = defineError<{ file: string; what: string }>("TRF-100010", {
  message: ({ file, what }) =>
    `The file ${file} ${what} while it was read. Import it again when it is complete. Nothing was imported.`,
});

export const tooManyRejects = defineError<{ file: string; count: number; reason: string; rejectFile: string }>(
  "TRF-100011",
  {
    message: ({ file, count, reason, rejectFile }) =>
      `The first ${count} lines of ${file} were all rejected, the first one because: ${reason} The import was stopped, nothing was imported; the lines are in ${rejectFile}. Set import.stopAfterFirstRejects to 0 to import such lists.`,
  },
);

export const targetNotWritable = defineError<{ file: string; reason: string }>("TRF-100012", {
  message: ({ file, reason }) => `The file ${file} cannot be written: ${reason}.`,
});

export const rejectFileIsList = defineError<{ file: string }>("TRF-100013", {
  message: ({ file }) =>
    `${file} is the file to import; the rejects would overwrite it. Name another file with -rejects:.`,
});

export const transferInterrupted = defineError<{ what: string }>("TRF-100014", {
  message: ({ what }) => `The ${what} was interrupted. It left nothing half done: start it again.`,
  mayRetry: true,
});

export const jobConnectionLost = defineError("TRF-100021", {
  message: () =>
    "The connection to the database was lost in the middle of the work. Nothing is half done: start the job again.",
  mayRetry: true,
});

export const invalidGroupName = defineError<{ name: string }>("TRF-100015", {
  message: ({ name }) =>
    `'${name.slice(0, 60)}' cannot be the name of a group: use 1 to 100 characters, without control characters.`,
});

export const unknownGroup = defineError<{ name: string }>("TRF-100016", {
  message: ({ name }) => `There is no group '${name.slice(0, 60)}'.`,
});

export const unknownEncoding = defineError<{ text: string; known: readonly string[] }>("TRF-100017", {
  message: ({ text, known }) =>
    `'${text.slice(0, 60)}' is no encoding that lists are read in. -encoding: takes ${known.join(", ")}.`,
});

export const unknownSeparator = defineError<{ text: string; known: readonly string[] }>("TRF-100018", {
  message: ({ text, known }) =>
    `'${text.slice(0, 60)}' separates no cells. -separator: takes ${known.join(", ")}, or the character itself.`,
});

export const missingFlag = defineError<{ command: string; flag: string }>("TRF-100019", {
  message: ({ command, flag }) => `postrider ${command} needs ${flag}. See: postrider ${command} -?`,
});

export const outputClosed = defineError("TRF-100020", {
  message: () => "The program that reads the export has gone away before its end.",
});

export const tooManyJobs = defineError<{ most: number }>("TRF-100025", {
  message: ({ most }) => `${most} jobs run on this server already. Submit the job again when one of them has ended.`,
  mayRetry: true,
});

export const jobCancelled = defineError("TRF-100022", { message: () => "The job was cancelled." });

export const unknownJob = defineError<{ job: string }>("TRF-100023", {
  message: ({ job }) => `There is no job '${job.slice(0, 60)}' of yours.`,
});

export const jobHasNoResult = defineError<{ job: number; state: string }>("TRF-100024", {
  message: ({ job, state }) => `The job ${job} has no result: its state is '${state}'.`,
});
