import { ETC_SERVICES } from '../services/etc-services.ts';
import { readServices, type Services } from '../services/services.ts';
import { UsageError } from './exit.ts';

/** The services file that was asked for, which must be there; /etc/services, which need not. */
export function openServices(path: string = ETC_SERVICES): Services {
  const services = readServices(path);
  if (services.unread !== null && path !== ETC_SERVICES) {
    throw new UsageError(`--services ${path}: ${services.unread}; name a file that can be read`);
  }
  return services;
}
