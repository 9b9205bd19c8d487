import { createMemoryStore, createMessenger, type Messenger } from '@couplet/client';
import { deviceName } from '../platform/device-name.ts';
import { createTokenStorage } from '../platform/token-storage.ts';
import { clock, createNetworkPort, http, random, socket } from './ports.ts';

/** The messenger on this platform's network, clock, random numbers and storage. */
export function createAppMessenger(serverUrl: string): Messenger {
  return createMessenger(
    { http, socket, clock, random, network: createNetworkPort(serverUrl), tokens: createTokenStorage(), store: createMemoryStore() },
    { serverUrl, deviceName: deviceName() },
  );
}
