import type { ConnectionState } from '@couplet/client';
import { useQuery } from '@tanstack/react-query';
import Constants from 'expo-constants';
import { useEffect } from 'react';
import { queryKeys } from '../../data/query-keys.ts';
import { useConnection, useMessenger, useServerUrl } from '../../messenger/messenger-provider.tsx';
import { formatClock } from '../../ui/format-time.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { Section } from '../../ui/section.tsx';

/** Errors of longer ago rarely explain what is wrong now. */
const ERRORS_SHOWN = 3;

/** What somebody who helps wants to know. */
export function DiagnosticsSection() {
  const messenger = useMessenger();
  const connection = useConnection();
  const serverUrl = useServerUrl();
  const { data, refetch } = useQuery({ queryKey: queryKeys.diagnostics, queryFn: () => messenger.diagnostics(), staleTime: 0 });
  useEffect(() => {
    void refetch();
  }, [connection, refetch]);
  return (
    <Section title="Diagnostics">
      <ListRow icon="activity" title={describe(connection)} detail="Connection" testID="settings-connection" />
      <ListRow icon="server" title={serverUrl} detail="Server" />
      {data ? (
        <>
          <ListRow icon="upload" title={String(data.outboxSize)} detail="Messages and changes waiting to be sent" testID="settings-outbox" />
          <ListRow icon="git-commit" title={data.epoch ? `${data.position}` : 'not synchronised yet'} detail="Position in the event log" testID="settings-position" />
          <ListRow icon="info" title={`App ${Constants.expoConfig?.version ?? 'unknown'}, protocol ${data.protocolVersion}`} detail={`${data.ignoredFrames} frames ignored`} />
          {data.lastErrors.slice(-ERRORS_SHOWN).map((error) => (
            <ListRow key={`${error.at}-${error.where}`} icon="alert-triangle" title={error.message} detail={`${error.where}, ${formatClock(error.at)}`} />
          ))}
        </>
      ) : null}
    </Section>
  );
}

function describe(connection: ConnectionState): string {
  switch (connection.status) {
    case 'online':
      return connection.phase === 'live' ? 'Connected' : 'Connected, catching up';
    case 'connecting':
      return 'Connecting';
    case 'offline':
      return connection.reason ? `Offline: ${connection.reason}` : 'Offline';
    case 'needs-auth':
      return 'Sign in needed';
    case 'outdated':
      return 'This version is too old for the server';
    case 'closed':
      return 'Closed';
  }
}
