/** Drops that the kernel counts. */

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";

import { countKernelDrops } from "./count-kernel-drops.ts";
import { readUdpTable } from "./read-udp-table.ts";

test("drops of our port are told once, those of others never", () => {
  let ours = 5;
  const take = countKernelDrops(6666, (table) =>
    table === "udp"
      ? [
          { port: 6666, drops: ours },
          { port: 53, drops: ours * 7 },
        ]
      : [],
  );
  assert.equal(take(), 0);
  ours = 12;
  assert.equal(take(), 7);
  assert.equal(take(), 0);
});

test("the kernel's table shows a socket with its drops", async (t) => {
  const socket = createSocket({ type: "udp4", recvBufferSize: 2_048 });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => void socket.close());
  const { port } = socket.address();
  if (readUdpTable("udp").length === 0) return t.skip("this system has no /proc/net/udp");
  assert.deepEqual(
    readUdpTable("udp").find((row) => row.port === port),
    { port, drops: 0 },
  );
});
