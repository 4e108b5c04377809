/** As host.c takes them. */
export type Load = { processes: number; fds: number; listeners: number; connections: number; udp: number };

/** The most that porttop may take: as a share of a rival, or in the unit of the name. */
export type Targets = {
  listening: number;
  /** With the connections column, or churning. */
  listeningMore: number;
  allSockets?: number;
  newcomerRefreshes: number;
  listListening: { rival: string; share: number };
  listAll?: number;
  listPort?: number;
  firstFrame: number;
  keyP50?: number;
  keyP95?: number;
  residentMegabytes: number;
};

export type Size = {
  name: string;
  load: Load;
  /** Of one-shots and starts, where --runs does not say. */
  runs: number;
  targets: Targets;
};

export const SIZES: Record<string, Size> = {
  S: {
    name: 'S',
    load: { processes: 200, fds: 2_000, listeners: 40, connections: 100, udp: 20 },
    runs: 15,
    targets: {
      listening: 1 / 3,
      listeningMore: 1 / 2,
      newcomerRefreshes: 1,
      listListening: { rival: 'lsof -nP -i', share: 1.3 },
      firstFrame: 1.25,
      residentMegabytes: 110,
    },
  },
  M: {
    name: 'M',
    load: { processes: 2_000, fds: 100_000, listeners: 1_000, connections: 20_000, udp: 400 },
    runs: 7,
    targets: {
      listening: 1 / 100,
      listeningMore: 1 / 60,
      allSockets: 1 / 20,
      newcomerRefreshes: 1,
      listListening: { rival: 'ss -tulpn', share: 0.9 },
      listAll: 0.6,
      listPort: 0.4,
      firstFrame: 1.25,
      keyP50: 20,
      keyP95: 40,
      residentMegabytes: 140,
    },
  },
  L: {
    name: 'L',
    load: { processes: 5_000, fds: 500_000, listeners: 5_000, connections: 100_000, udp: 1_000 },
    runs: 3,
    targets: {
      listening: 1 / 300,
      listeningMore: 1 / 200,
      allSockets: 1 / 80,
      newcomerRefreshes: 2,
      listListening: { rival: 'ss -tulpn', share: 0.7 },
      listAll: 0.2,
      listPort: 0.4,
      firstFrame: 1.25,
      residentMegabytes: 220,
    },
  },
};
