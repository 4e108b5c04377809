export type NetstatSocket = {
  /** As it is printed: `tcp6`. */
  protocol: string;
  recvQueue: number;
  sendQueue: number;
  /** Address and port, a blank between. */
  local: string;
  /** null: `0.0.0.0:*`, `:::*`. */
  remote: string | null;
  state: string;
  uid: number;
  inode: number;
  /** `PID/program`; null: `-`. */
  owner: string | null;
};

export type NetstatUnixSocket = {
  protocol: 'unix';
  type: string;
  state: string;
  inode: number;
  owner: string | null;
  path: string | null;
};

/** Every detail, numeric, nothing cut; which sockets is said by further letters. */
export const NETSTAT_ARGUMENTS = ['-epnW'];

const HEADING = /^(Active (Internet connections|UNIX domain sockets) \(|Proto )/;
const INTERNET =
  /^(tcp6?|udp6?|raw6?) +(\d+) +(\d+) (\S+):(\d+|\*) +(\S+):(\d+|\*) +([A-Z_0-9]+)? +(\d+) +(\d+) +(-|\d+\/.*?) *$/;
const UNIX =
  /^unix +\d+ +\[ [^\]]*\] +(STREAM|DGRAM|SEQPACKET) +(FREE|LISTENING|CONNECTED|CONNECTING|DISCONNECTING)? +(\d+) +((?:-|\d+\/).*)$/;

/** The sockets of `netstat -epnW` and letters that choose TCP, UDP and raw. */
export function parseNetstat(output: string): NetstatSocket[] {
  return rowsOf(output).map((row) => {
    const match = INTERNET.exec(row);
    if (!match) throw new Error(`not a row of netstat: ${JSON.stringify(row)}`);
    const [
      ,
      protocol = '',
      recvQueue,
      sendQueue,
      localHost,
      localPort,
      host,
      port,
      state,
      uid,
      inode,
      owner,
    ] = match;
    const connected = port !== '*' || (host !== '0.0.0.0' && host !== '::');
    return {
      protocol,
      recvQueue: Number(recvQueue),
      sendQueue: Number(sendQueue),
      local: `${localHost} ${Number(localPort)}`,
      remote: connected ? `${host} ${port === '*' ? 0 : Number(port)}` : null,
      state: state ?? '',
      uid: Number(uid),
      inode: Number(inode),
      owner: ownerOf(owner as string),
    };
  });
}

/** Of net-tools' netstat.c, of PID/Program and the blank after it. */
const OWNER_WIDTH = 20;

/** The sockets of `netstat -xepnW`. */
export function parseNetstatUnix(output: string): NetstatUnixSocket[] {
  return rowsOf(output).map((row) => {
    const match = UNIX.exec(row);
    if (!match) throw new Error(`not a row of netstat -x: ${JSON.stringify(row)}`);
    const [, type = '', state = '', inode, rest = ''] = match;
    return {
      protocol: 'unix',
      type,
      state,
      inode: Number(inode),
      owner: ownerOf(rest.slice(0, OWNER_WIDTH)),
      path: rest.slice(OWNER_WIDTH).trim() || null,
    };
  });
}

function rowsOf(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !HEADING.test(line));
}

function ownerOf(text: string): string | null {
  return text.trimEnd() === '-' ? null : text.trimEnd();
}
