import type { UserId } from '@couplet/protocol';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useEffect, useState } from 'react';
import { Pressable, View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { queryKeys } from '../../data/query-keys.ts';
import { useChatList } from '../../data/use-chat-list.ts';
import { useOpenPerson } from '../../data/use-open-conversation.ts';
import { useCoordinator, useMessenger } from '../../messenger/messenger-provider.tsx';
import { useAppSelector } from '../../state/store.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatLastSeen } from '../../ui/format-time.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { PhotoViewer } from '../../ui/photo-viewer.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Section } from '../../ui/section.tsx';
import { Text } from '../../ui/text.tsx';
import { RADIUS, SPACE } from '../../ui/tokens.ts';
import { MINUTE_MS, useNow } from '../../ui/use-now.ts';

/** Another person: who they are, whether they are there, and the way to keep them out. */
export function ProfileScreen({ userId }: { userId: UserId }) {
  const router = useRouter();
  const messenger = useMessenger();
  const coordinator = useCoordinator();
  const openPerson = useOpenPerson();
  const now = useNow(MINUTE_MS);
  const { conversations } = useChatList('both');
  const conversation = conversations.find((known) => known.peer.id === userId);
  const fetched = useQuery({ queryKey: queryKeys.user(userId), queryFn: () => messenger.people.get(userId) });
  const presence = useAppSelector((state) => state.presence.byUser[userId]);
  const [asksToBlock, setAsksToBlock] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [showsPhoto, setShowsPhoto] = useState(false);
  useEffect(() => {
    coordinator.showPeople('profile', [userId]);
    return () => coordinator.showPeople('profile', []);
  }, [coordinator, userId]);

  const user = conversation?.peer ?? fetched.data;
  const back = () => (router.canGoBack() ? router.back() : router.replace('/'));
  if (!user) {
    return (
      <Screen title="Profile" onBack={back}>
        {fetched.isError ? <EmptyState icon="user-x" title="This person could not be found" detail={errorText(fetched.error)} action={{ label: 'Try again', onPress: () => void fetched.refetch() }} /> : null}
      </Screen>
    );
  }
  const isBlocked = conversation?.blocked ?? false;
  return (
    <Screen title="Profile" onBack={back}>
      <View style={{ alignItems: 'center', gap: SPACE.xs, paddingVertical: SPACE.l }}>
        <Pressable
          role="button"
          aria-label={`Photo of ${user.name}`}
          disabled={user.avatarUrl === null}
          onPress={() => setShowsPhoto(true)}
          style={{ borderRadius: RADIUS.round }}
          testID="profile-photo"
        >
          <Avatar userId={user.id} name={user.name} imageUrl={user.avatarUrl} fullImageUrl={user.avatarFullUrl} size={128} isOnline={presence?.status === 'online'} />
        </Pressable>
        <Text size="title" weight="600" style={{ marginTop: SPACE.m, textAlign: 'center' }} testID="profile-name">
          {user.name}
        </Text>
        {presence?.status === 'online' ? <Text color="onlineText">online</Text> : null}
        {presence?.status === 'offline' && presence.lastSeenAt ? <Text color="textSecondary">{formatLastSeen(Date.parse(presence.lastSeenAt), now)}</Text> : null}
      </View>
      {failure ? (
        <Text color="danger" role="alert">
          {errorText(failure)}
        </Text>
      ) : null}
      {user.username ? (
        <Section title="About">
          <ListRow icon="at-sign" title={user.username} detail="Username" />
        </Section>
      ) : null}
      <Section title="Actions">
        <ListRow icon="message-circle" title="Send a message" onPress={() => void openPerson(userId).catch(setFailure)} testID="profile-message" />
        {conversation ? (
          <ListRow icon="image" title="Photos, videos and files" onPress={() => router.push({ pathname: '/c/[id]/media', params: { id: conversation.id } })} testID="profile-media" />
        ) : null}
        {isBlocked ? (
          <ListRow icon="unlock" title="Unblock" onPress={() => void messenger.people.unblock(userId).catch(setFailure)} testID="profile-unblock" />
        ) : (
          <ListRow icon="slash" title="Block" color="danger" onPress={() => setAsksToBlock(true)} testID="profile-block" />
        )}
      </Section>
      {showsPhoto && user.avatarUrl ? <PhotoViewer name={user.name} url={user.avatarUrl} fullUrl={user.avatarFullUrl} onClose={() => setShowsPhoto(false)} /> : null}
      {asksToBlock ? (
        <Dialog
          title={`Block ${user.name}?`}
          detail="They cannot write to you or see when you are online. They are not told."
          confirm={{ label: 'Block', danger: true, testID: 'confirm-block', onPress: () => void messenger.people.block(userId).catch(setFailure) }}
          onClose={() => setAsksToBlock(false)}
        />
      ) : null}
    </Screen>
  );
}
