import type { SessionId } from '@couplet/protocol';
import { useMutation, useQuery } from '@tanstack/react-query';
import { errorText } from '../../data/error-text.ts';
import { queryKeys } from '../../data/query-keys.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { Button } from '../../ui/button.tsx';
import { formatListTime } from '../../ui/format-time.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { Section } from '../../ui/section.tsx';
import { Text } from '../../ui/text.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';

/** Where the viewer is signed in; another place can be signed out from here. */
export function SessionsSection() {
  const messenger = useMessenger();
  const now = useNow(MINUTE_MS);
  // Read anew each time the screen opens: others come and go without an event.
  const sessions = useQuery({ queryKey: queryKeys.sessions, queryFn: () => messenger.session.list(), staleTime: 0 });
  const revoke = useMutation({ mutationFn: (id: SessionId) => messenger.session.revoke(id), onSettled: () => void sessions.refetch() });
  const error = revoke.error ?? sessions.error;
  return (
    <Section title="Devices">
      {sessions.data?.map((session) => (
        <ListRow
          key={session.id}
          icon={/iOS|Android/.test(session.deviceName) ? 'smartphone' : 'monitor'}
          title={session.deviceName}
          detail={session.current ? 'This device' : `Last used ${formatListTime(Date.parse(session.lastUsedAt), now)}`}
          trailing={session.current ? null : <Button kind="danger" label="Sign out" busy={revoke.isPending && revoke.variables === session.id} onPress={() => revoke.mutate(session.id)} testID="settings-revoke" />}
          testID="settings-session"
        />
      ))}
      {error ? (
        <Text size="small" color="danger" role="alert" style={{ padding: SPACE.l }}>
          {errorText(error)}
        </Text>
      ) : null}
    </Section>
  );
}
