/** syslogd: writes the log lines of every module, and of other programs of the host, to disk. */

import { syslogdAddress } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import { listInstances } from "#foundation/home.ts";
import { type LogFields, type LogLevel, renderRecord } from "#foundation/log.ts";
import type { HostContext, HostModule } from "#foundation/module.ts";

import { checkSources } from "./accept-source.ts";
import { type LogFiles, openLogFiles } from "./log-files.ts";
import { openLogSocket } from "./open-log-socket.ts";
import { receiveLines } from "./receive-lines.ts";
import { commonInstance, formatTime } from "./route-line.ts";
import { syslogdSettings } from "./settings.ts";

export const syslogd: HostModule = {
  name: "syslogd",
  scope: "host",
  async start(context) {
    const { address, port } = context.settings.of(syslogdAddress);
    const settings = context.settings.of(syslogdSettings);
    const receiveBufferBytes = settings.receiveBufferKb * 1024;
    const socket = await openLogSocket({ address, port, receiveBufferBytes });
    const files = openFiles(context);
    const receiver = receiveLines({
      socket,
      clock: context.clock,
      checkSource: checkSources(settings.allowedSources),
      isInstance: rememberInstances(context),
      write: files.write,
      report: (event, fields) =>
        files.write({ instance: commonInstance, file: "syslogd", text: ownLine(context, "warning", event, fields) }),
    });
    const upkeep = setInterval(() => void files.closeIdle(), 30_000);

    // The kernel answers with twice of what can be used: it counts its own overhead in.
    const grantedBytes = socket.getRecvBufferSize() / 2;
    context.log.info("syslogd.listening", { address, port: socket.address().port, receiveBufferBytes: grantedBytes });
    if (grantedBytes < receiveBufferBytes) {
      context.log.warning("syslogd.receive_buffer_small", {
        askedBytes: receiveBufferBytes,
        grantedBytes,
        remedy: `sysctl net.core.rmem_max=${receiveBufferBytes}`,
      });
    }
    return {
      stop: async () => {
        clearInterval(upkeep);
        await receiver.stop();
        await files.close();
      },
    };
  },
};

function openFiles(context: HostContext): LogFiles {
  const settings = context.settings.of(syslogdSettings);
  return openLogFiles({
    varFolder: context.home.var,
    maxFileBytes: settings.maxFileSizeMb * 1_048_576,
    maxNumberOfLoginsFiles: settings.maxNumberOfLoginsFiles,
    maxFilesPerInstance: settings.maxFilesPerInstance,
    flushIntervalMs: settings.flushIntervalMs,
    elapsedMs: context.clock.elapsedMs,
    describeLoss: (lostLines, reason) => ownLine(context, "error", "syslogd.lines_lost", { lostLines, reason }),
    onFailure: (path, error) =>
      context.log.error("syslogd.file_not_written", { file: `${path}.log`, reason: describeError(error) }),
    onRecovery: (path, lostLines) =>
      context.log.warning("syslogd.file_written_again", { file: `${path}.log`, lostLines }),
  });
}

function ownLine(context: HostContext, level: LogLevel, event: string, fields: LogFields): string {
  const time = context.clock.now();
  return [
    formatTime(time),
    process.pid,
    0,
    0,
    level,
    "log",
    renderRecord({ time, level, type: "log", event, fields }),
  ].join("\t");
}

/** Instances come and go while syslogd runs; a name that is not known is looked up at most once a second. */
function rememberInstances({ home, clock }: HostContext): (name: string) => boolean {
  let known = new Set(listInstances(home));
  let readAtMs = clock.elapsedMs();
  return (name) => {
    if (!known.has(name) && clock.elapsedMs() - readAtMs > 1_000) {
      known = new Set(listInstances(home));
      readAtMs = clock.elapsedMs();
    }
    return known.has(name);
  };
}
