import { createMessenger, type Messenger, ProblemLog } from '@couplet/client';
import { deviceDownloads } from '../data/device-downloads.ts';
import { deviceName } from '../platform/device-name.ts';
import { openDeviceStore } from '../platform/device-store.ts';
import { sentPictures } from '../data/sent-pictures.ts';
import { clearDownloads } from '../platform/download-file.ts';
import { createFiles } from '../platform/files.ts';
import { deviceMedia } from '../platform/media-cache/device-media.ts';
import { createSiblings } from '../platform/siblings.ts';
import { createTokenStorage } from '../platform/token-storage.ts';
import { clock, createMeterPort, createNetworkPort, http, random, socket } from './ports.ts';
import { pusher } from './realtime.ts';

/** The messenger on this platform's network, clock, random numbers and storage, ready to be started. */
export async function createAppMessenger(serverUrl: string): Promise<Messenger> {
  const problems = new ProblemLog(() => clock.now());
  const store = await openDeviceStore(serverUrl, problems.report);
  deviceMedia.reportTo(problems.report);
  const siblings = createSiblings(serverUrl, problems.report);
  const messenger = createMessenger(
    { http, socket, clock, random, network: createNetworkPort(serverUrl), tokens: createTokenStorage(), store, files: createFiles(serverUrl), media: { clear: clearMedia }, meter: createMeterPort(), problems, ...(siblings === null ? {} : { siblings }), ...(pusher === null ? {} : { pusher }) },
    { serverUrl, deviceName: deviceName() },
  );
  messenger.subscribe((event) => {
    if (event.type === 'connection-changed' && event.state.status === 'online') deviceMedia.wake();
  });
  return messenger;
}

/** Pictures that were seen and files that were opened. */
async function clearMedia(): Promise<void> {
  deviceDownloads.clear();
  sentPictures.clear();
  clearDownloads();
  await deviceMedia.clear();
}
