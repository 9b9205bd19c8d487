import { NoticeLine } from '../ui/notice-line.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { useConnection } from './messenger-provider.tsx';

/** A connection that comes back within this time was never worth a word. */
const PATIENCE_MS = 1_500;

/** The one line that talks about the network, and only when there is none. */
export function NetworkNotice() {
  const { status } = useConnection();
  const isLost = status === 'offline' || status === 'connecting';
  const wasLost = useSettled(isLost, PATIENCE_MS);
  if (status === 'outdated') return <NoticeLine text="This version is too old for the server: reload or update" testID="network-notice" />;
  return isLost && wasLost ? <NoticeLine text="Waiting for network" testID="network-notice" /> : null;
}
