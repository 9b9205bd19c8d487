import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { ScrollView, View } from 'react-native';
import { errorText } from '../../data/error-text.ts';
import { queryKeys } from '../../data/query-keys.ts';
import { useOpenPerson } from '../../data/use-open-conversation.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { arrowKeyProps } from '../../platform/arrow-keys.ts';
import { Avatar } from '../../ui/avatar.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { ScreenHeader } from '../../ui/screen-header.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Text } from '../../ui/text.tsx';
import { createStyles } from '../../ui/theme.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { useSettled } from '../../ui/use-settled.ts';

/** Long enough that a word is typed before the server is asked. */
const SETTLE_MS = 200;
/** People join: a search asked again a little later is asked anew. */
const FRESH_MS = 10_000;

/** Find somebody and begin a conversation. */
export function PeopleScreen() {
  const styles = useStyles();
  const router = useRouter();
  const messenger = useMessenger();
  const openPerson = useOpenPerson();
  const [text, setText] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const query = useSettled(text.trim(), SETTLE_MS);
  const people = useQuery({ queryKey: queryKeys.peopleSearch(query), queryFn: () => messenger.people.search(query), enabled: query !== '', staleTime: FRESH_MS });
  const error = failure ?? people.error;
  return (
    <View style={styles.screen}>
      <ScreenHeader title="New conversation" onBack={() => (router.canGoBack() ? router.back() : router.replace('/'))} />
      <View style={styles.column}>
        <View style={styles.search}>
          <SearchField
            label="Name, username, email or phone"
            value={text}
            onChange={(next) => {
              setText(next);
              setFailure(null);
            }}
            autoFocus
            testID="people-search"
          />
        </View>
        {error ? (
          <Text size="small" color="danger" role="alert" style={styles.error}>
            {errorText(error)}
          </Text>
        ) : null}
        {query === '' ? <EmptyState icon="users" title="Who do you want to write to?" detail="Search by name or username, or by the exact email address or phone number." /> : null}
        {people.isPending && query !== '' ? <SkeletonRows rows={4} label="Searching" /> : null}
        {people.data?.length === 0 ? <EmptyState icon="user-x" title="Nobody found" detail={`No person matches “${query}”.`} /> : null}
        <ScrollView style={query === '' || people.data?.length === 0 ? styles.none : null} keyboardShouldPersistTaps="handled" {...arrowKeyProps('[role="button"]')}>
          {query === ''
            ? null
            : people.data?.map((user) => (
                <ListRow
                  key={user.id}
                  title={user.name}
                  detail={user.username ? `@${user.username}` : undefined}
                  leading={<Avatar userId={user.id} name={user.name} imageUrl={user.avatarUrl} size={44} />}
                  onPress={() => void openPerson(user.id).catch(setFailure)}
                  testID={`person-${user.name}`}
                />
              ))}
        </ScrollView>
      </View>
    </View>
  );
}

const useStyles = createStyles((colors) => ({
  screen: { flex: 1, backgroundColor: colors.background },
  column: { flex: 1, width: '100%', maxWidth: 600, alignSelf: 'center' },
  search: { padding: SPACE.l },
  error: { paddingHorizontal: SPACE.l, paddingBottom: SPACE.m },
  none: { display: 'none' },
}));
