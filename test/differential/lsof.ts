/** A descriptor of a process that leads to a socket: one socket may have many. */
export type LsofFile = {
  pid: number;
  command: string;
  /** The user of the process. */
  uid: number;
  fd: number;
  access: string;
  type: string;
  inode: number;
  protocol: string;
  /** Address and port, a blank between; the address of a wildcard is `*`. */
  local: string;
  remote: string | null;
  state: string;
  recvQueue: number;
  sendQueue: number;
};

/** Numeric, every field on a line of its own. */
export const LSOF_ARGUMENTS = ['-nP', '-F'];

/** The files of `lsof -nP -F -i …`. lsof escapes what is not printable, so that a line is a field. */
export function parseLsof(output: string): LsofFile[] {
  const files: LsofFile[] = [];
  let process = new Map<string, string>();
  let file: Map<string, string> | null = null;
  const end = () => {
    if (file) files.push(fileOf(process, file));
    file = null;
  };
  for (const line of output.split('\n')) {
    if (line === '') continue;
    // Of T there are several: TST=, TQR=, TQS=.
    const [, name = '', value = ''] = /^(T[A-Z]+=|[a-zA-Z])(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`not a field of lsof: ${JSON.stringify(line)}`);
    if (name === 'p' || name === 'f') end();
    if (name === 'p') process = new Map();
    if (name === 'f') file = new Map();
    (file ?? process).set(name, value);
  }
  end();
  return files;
}

function fileOf(process: ReadonlyMap<string, string>, file: ReadonlyMap<string, string>): LsofFile {
  const of = (fields: ReadonlyMap<string, string>, name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`lsof: no field ${name} of fd ${file.get('f')}`);
    return value;
  };
  const [local = '', remote = null] = of(file, 'n').split('->');
  return {
    pid: Number(of(process, 'p')),
    command: of(process, 'c'),
    uid: Number(of(process, 'u')),
    fd: Number(of(file, 'f')),
    access: of(file, 'a'),
    type: of(file, 't'),
    inode: Number(of(file, 'd')),
    protocol: of(file, 'P'),
    local: endOf(local),
    remote: remote && endOf(remote),
    state: file.get('TST=') ?? '',
    recvQueue: Number(of(file, 'TQR=')),
    sendQueue: Number(of(file, 'TQS=')),
  };
}

/** `127.0.0.1:80`, `[::1]:80`, `*:80`. */
function endOf(text: string): string {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  if (port === undefined) throw new Error(`lsof: not an end: ${text}`);
  return `${bracketed ?? plain} ${port}`;
}
