/**
 * Programs that serve one thing, by comm, and what the registries call that. Not those that may serve anything:
 * runtimes, web servers, proxies, containers.
 */
const SERVED: Readonly<Record<string, readonly string[]>> = {
  'avahi-daemon': ['mdns'],
  chronyd: ['ntp'],
  cupsd: ['ipp'],
  dhclient: ['bootpc', 'dhcpv6-client'],
  dnsmasq: ['domain', 'bootps', 'tftp', 'dhcpv6-server'],
  dropbear: ['ssh'],
  etcd: ['etcd-client', 'etcd-server'],
  'in.tftpd': ['tftp'],
  mariadbd: ['mysql'],
  memcached: ['memcache'],
  mongod: ['mongodb'],
  mosquitto: ['mqtt', 'secure-mqtt'],
  mysqld: ['mysql', 'mysqlx'],
  named: ['domain', 'domain-s', 'rndc'],
  nmbd: ['netbios-ns', 'netbios-dgm'],
  ntpd: ['ntp'],
  openvpn: ['openvpn'],
  postgres: ['postgresql'],
  'redis-server': ['redis'],
  rpcbind: ['sunrpc'],
  rsyslogd: ['syslog', 'syslog-tls'],
  slapd: ['ldap', 'ldaps'],
  smbd: ['netbios-ssn', 'microsoft-ds'],
  snmpd: ['snmp', 'agentx'],
  sshd: ['ssh'],
  'systemd-resolve': ['domain', 'domain-s', 'llmnr', 'mdns'],
  'systemd-timesyn': ['ntp'],
  unbound: ['domain', 'domain-s'],
  'valkey-server': ['redis'],
  vsftpd: ['ftp', 'ftps'],
};

export const PROGRAMS: readonly string[] = Object.keys(SERVED);

/** What a program is known to serve; null: that is not known, or may be anything. */
export function servedBy(program: string): readonly string[] | null {
  return Object.hasOwn(SERVED, program) ? (SERVED[program] as readonly string[]) : null;
}

/** Whether all of these programs are known for something else than a service: its port only has the same number. */
export function isPlainlyOther(service: string, programs: readonly (string | null)[]): boolean {
  return (
    programs.length > 0 &&
    programs.every((program) => {
      const served = program === null ? null : servedBy(program);
      return served !== null && !served.includes(service);
    })
  );
}
