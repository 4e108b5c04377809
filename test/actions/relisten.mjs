// Listens, says where, and, when it is told to, does the same anew: on the same port, with another socket.
import { readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

let server;

function socketsOpen() {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

const before = new Set(socketsOpen());

function listen(port) {
  server = createServer().listen(port, '127.0.0.1', () => {
    const inode = Number(socketsOpen().find((socket) => !before.has(socket)));
    process.send({ port: server.address().port, inode });
  });
}

listen(0);
process.on('message', () => {
  const { port } = server.address();
  server.close(() => listen(port));
});
process.on('disconnect', () => process.exit());
