/** Errors of the control socket. */

import { defineError } from "#foundation/errors.ts";

export const platformNotRunning = defineError("CTL-100001", {
  message: () => "The platform is not running for this data folder. Start it with: postrider watchdog",
});

export const platformAlreadyRunning = defineError<{ pid: number | undefined; root: string }>("CTL-100002", {
  message: ({ pid, root }) =>
    `Postrider is already running on the data folder ${root}${pid === undefined ? "" : ` (pid ${pid})`}. Stop it with: postrider shutdown, or set POSTRIDER_HOME to another folder.`,
});

export const controlForbidden = defineError<{ socket: string }>("CTL-100003", {
  message: ({ socket }) =>
    `The control socket ${socket} belongs to another user. Run the command as the user that runs Postrider.`,
});

export const controlLost = defineError<{ reason: string }>("CTL-100004", {
  message: ({ reason }) => `The watchdog gave no answer: ${reason}. Look at var/default/log/watchdog.log.`,
});

export const commandRefused = defineError<{ reason: string }>("CTL-100005", { message: ({ reason }) => reason });

export const invalidControlRequest = defineError<{ line: string }>("CTL-100006", {
  message: ({ line }) =>
    `The watchdog does not understand '${line.slice(0, 80)}'. The command and the watchdog may be of different versions.`,
});

export const runtimeFolderTaken = defineError<{ folder: string }>("CTL-100007", {
  message: ({ folder }) =>
    `The folder ${folder} belongs to another user; no control socket is put there. Remove it, or set POSTRIDER_HOME to a shorter path.`,
});
