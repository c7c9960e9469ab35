/** A mail server of others' that is compared with: it is fed by SMTP, stores, signs if asked to, and hands on to the sink. */

import { connect } from "node:net";

export type PeerOptions = {
  /** TCP port of the sink on this machine. */
  readonly sinkPort: number;
  /** Private key in PEM; undefined: messages leave unsigned. */
  readonly pem: string | undefined;
};

export type Peer = {
  /** TCP port where it takes mail. */
  readonly port: number;
  /** Its processes; what they and their children use is counted. */
  readonly pids: readonly number[];
  stop(): void;
};

/** Starts the peer; undefined where it is not installed. */
export type StartPeer = (options: PeerOptions) => Promise<Peer | undefined>;

/** True when a mail server greets at a port of this machine. */
export function hasGreeted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const end = (isHeard: boolean): void => {
      socket.destroy();
      resolve(isHeard);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.setTimeout(2_000, () => end(false));
  });
}
