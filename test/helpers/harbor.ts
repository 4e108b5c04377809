/** The host that pictures and golden screens show: what runs there, and who talks to whom. */
export const HARBOR = 'harbor';

/** All that its /etc/passwd knows. */
export const USERS = { root: 0, 'www-data': 33, _chrony: 107, postgres: 108, redis: 109, deploy: 1000 };

export type Actor = {
  pid: number;
  /** What `ps` shows. */
  title: string;
  command: string;
  user?: keyof typeof USERS;
  cwd?: string;
  env?: Record<string, string>;
  /** `tcp 127.0.0.1:80`, `udp [::1]:323`; `*` is both families in one. */
  sockets: string[];
  /** Ports of other actors on 127.0.0.1. */
  connects?: number[];
  /** It hangs: nobody accepts what connects to it. */
  hangs?: boolean;
};

export const ACTORS: Actor[] = [
  {
    pid: 412,
    title: '/usr/sbin/sshd -D [listener] 0 of 10-100 startups',
    command: 'sshd',
    sockets: ['tcp 0.0.0.0:22', 'tcp [::]:22'],
  },
  {
    pid: 431,
    title: '/usr/sbin/chronyd -F 1',
    command: 'chronyd',
    user: '_chrony',
    sockets: ['udp 127.0.0.1:323', 'udp [::1]:323'],
  },
  {
    pid: 655,
    title: '/usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/main',
    command: 'postgres',
    user: 'postgres',
    cwd: '/var/lib',
    sockets: ['tcp 127.0.0.1:5432'],
  },
  {
    pid: 702,
    title: '/usr/bin/redis-server 127.0.0.1:6379',
    command: 'redis-server',
    user: 'redis',
    sockets: ['tcp 127.0.0.1:6379', 'tcp [::1]:6379'],
  },
  {
    pid: 1180,
    title: 'node server.js --port 3000',
    command: 'node',
    user: 'deploy',
    cwd: '/srv',
    env: { NODE_ENV: 'production', DATABASE_URL: 'postgres://shop:hunter2@127.0.0.1/shop' },
    sockets: ['tcp *:3000'],
    connects: [5432, 5432, 5432, 6379],
  },
  {
    pid: 1304,
    title: '/opt/reports/venv/bin/python3 -m reports --workers 1',
    command: 'python3',
    user: 'www-data',
    cwd: '/opt',
    sockets: ['tcp 0.0.0.0:8000'],
    hangs: true,
  },
  {
    pid: 1391,
    title: 'nginx: master process /usr/sbin/nginx',
    command: 'nginx',
    sockets: ['tcp 0.0.0.0:80', 'tcp [::]:80', 'tcp 0.0.0.0:443', 'tcp [::]:443'],
    connects: [3000, 3000, 8000, 8000, 8000, 8000],
  },
  {
    pid: 24817,
    title: 'ruby bin/rails server -p 4000',
    command: 'ruby',
    user: 'deploy',
    cwd: '/home',
    sockets: ['tcp 127.0.0.1:4000', 'tcp [::1]:4000'],
    connects: [5432],
  },
];
