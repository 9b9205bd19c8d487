import { type ReactNode, useEffect, useState } from 'react';
import { CAN_RELOAD, lookForNewVersion, reloadToNewVersion } from '../platform/app-update.ts';
import { NoticeLine } from '../ui/notice-line.tsx';
import { useConnection, useMessenger } from './messenger-provider.tsx';

/** The one line that talks about the network, and only when there is none. `otherwise`: another line, for when this one has nothing to say. */
export function NetworkNotice({ otherwise = null }: { otherwise?: ReactNode }) {
  const messenger = useMessenger();
  const { status } = useConnection();
  const isShown = useCalmly(status === 'offline' || status === 'connecting');
  const isOutdated = status === 'outdated';
  useEffect(() => {
    if (isOutdated) lookForNewVersion();
  }, [isOutdated]);
  if (isOutdated) {
    const way = CAN_RELOAD ? { action: { label: 'Reload', onPress: () => void reloadToNewVersion() } } : {};
    return <NoticeLine text={CAN_RELOAD ? 'This version is too old for the server' : 'This version is too old for the server: update the app'} {...way} testID="network-notice" />;
  }
  if (!isShown) return otherwise;
  return <NoticeLine text={messenger.connection.hasNetwork() ? 'Connecting…' : 'Waiting for network'} testID="network-notice" />;
}

/** `true` some time after the value became so, and then for long enough to be read: the line never flickers. */
function useCalmly(isSo: boolean): boolean {
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(isSo), isSo ? PATIENCE_MS : LINGER_MS);
    return () => clearTimeout(timer);
  }, [isSo]);
  return isShown;
}

/** A connection that comes back within this time was never worth a word. */
const PATIENCE_MS = 1_500;
/** A word that goes the moment it came is a flicker, not news. */
const LINGER_MS = 400;
