import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConnected } from '../../src/procfs/net-snmp.ts';

fc.configureGlobal({ seed: 4000 });

/** /proc/net/snmp of Linux 6.18, as it was captured. */
const CAPTURED = `Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits
Ip: 2 64 54485 0 0 0 0 0 54485 34766 0 0 0 0 0 0 0 0 0 34766
Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects InEchos InEchoReps
Icmp: 2 0 0 2 0 0 0 0 0 0
IcmpMsg: InType3
IcmpMsg: 2
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
Tcp: 1 200 120000 -1 376 59 1 1 17 54029 34369 0 0 484 0
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
Udp: 454 0 0 456 0 0 0 0 0
UdpLite: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
UdpLite: 0 0 0 0 0 0 0 0 0
`;

describe('the connections that are up', () => {
  it('are what the kernel counts: CurrEstab', () => {
    expect(parseConnected(CAPTURED)).toBe(17);
  });

  it('are found by the name, wherever it stands', () => {
    expect(parseConnected('Tcp: CurrEstab\nTcp: 5\n')).toBe(5);
    expect(parseConnected('Tcp: MaxConn CurrEstab\nTcp: -1 0')).toBe(0);
    expect(parseConnected('Tcp:  A\t CurrEstab B \nTcp: 1 \t 9 2')).toBe(9);
  });

  it.each([
    ['nothing', ''],
    ['no TCP', 'Udp: InDatagrams\nUdp: 1\n'],
    ['names without numbers', 'Tcp: CurrEstab\n'],
    ['fewer numbers than names', 'Tcp: MaxConn CurrEstab\nTcp: -1\n'],
    ['no such name', 'Tcp: MaxConn\nTcp: 7\n'],
    ['the name in another protocol alone', 'Udp: CurrEstab\nUdp: 3\nTcp: MaxConn\nTcp: 7\n'],
    ['what is no number', 'Tcp: CurrEstab\nTcp: many\n'],
    ['a number below zero', 'Tcp: CurrEstab\nTcp: -1\n'],
    ['the beginning of a file', CAPTURED.slice(0, CAPTURED.indexOf('CurrEstab') + 4)],
  ])('are not known from %s', (_, text) => {
    expect(parseConnected(text)).toBeNull();
  });

  it('are a number or nothing, whatever the file says', () => {
    const pieces = fc.constantFrom(
      'Tcp:',
      'Tcp',
      'CurrEstab',
      ' ',
      '\n',
      '7',
      '-1',
      '\0',
      '\t',
      '999999999999999999999',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const connected = parseConnected(text);
        expect(connected === null || connected >= 0).toBe(true);
      }),
    );
  });
});
