import { useEffect, useSyncExternalStore } from 'react';
import { subscribeToForeground } from '../platform/app-lifecycle.ts';
import { isNewVersionThere, lookForNewVersion, reloadToNewVersion, subscribeToNewVersion } from '../platform/app-update.ts';
import { NoticeLine } from '../ui/notice-line.tsx';
import { useConnection } from './messenger-provider.tsx';
import { NotificationsOffer } from './notifications-offer.tsx';

/** Tells once that a newer version of the web app is there, before anything else is offered. The person chooses when; nothing breaks until then. */
export function UpdateNotice() {
  const isThere = useSyncExternalStore(subscribeToNewVersion, isNewVersionThere, isNewVersionThere);
  const { status } = useConnection();
  useEffect(() => {
    // A server that was away may have come back as another version.
    if (status === 'online') lookForNewVersion();
  }, [status]);
  useEffect(
    () =>
      subscribeToForeground((isActive) => {
        if (isActive) lookForNewVersion();
      }),
    [],
  );
  if (!isThere) return <NotificationsOffer />;
  return <NoticeLine text="A new version is there" action={{ label: 'Reload', onPress: () => void reloadToNewVersion() }} testID="update-notice" />;
}
